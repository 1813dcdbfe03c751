package main

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// The whole way with the real product.
func TestRunMixed(t *testing.T) {
	t.Parallel()
	opt := defaultMixedOptions()
	opt.duration, opt.every, opt.sessions, opt.connections = 2*time.Second, 100*time.Millisecond, 40, 8
	rep, err := runMixed(t.Context(), opt, testTrial(t))
	if err != nil {
		t.Fatal(err)
	}
	if rep.FirstWrong != "" || rep.Crash != "" || rep.Revived > 0 {
		t.Errorf("report = %+v; want right answers only", rep)
	}
	// Each connection keeps its last ones, and some delete more than others.
	if least, most := min(rep.Deleted, deadKept), min(rep.Deleted, deadKept*opt.connections); rep.Checked < least || rep.Checked > most {
		t.Errorf("%d of %d deleted sessions were looked at again; want %d to %d", rep.Checked, rep.Deleted, least, most)
	}
	for _, k := range rep.Kinds {
		if k.Wrong+k.Errors > 0 {
			t.Errorf("%+v; want right answers only", k)
		}
	}
	if rep.Kinds[kindRefresh].Good == 0 || len(rep.Samples) < 2 {
		t.Errorf("report = %+v; want refreshes and samples", rep)
	}
	rep.print(t.Output())
	checkDrawn(t, rep, "mixed.svg", "mixed-latency.svg")
}

func TestPickKind_Shares(t *testing.T) {
	var count [kinds]int
	for n := range 1000 {
		count[pickKind(n)]++
	}
	if count[kindCreate] != 10 || count[kindDelete] != 10 || count[kindGone] != 10 || count[kindPeek] != 79 || count[kindRefresh] != 891 {
		t.Errorf("shares = %v; want 89.1 %%, 7.9 %% and three times 1 %%", count)
	}
}

func TestHeld(t *testing.T) {
	start := time.Now()
	h := held{"a", start, start.Add(time.Second)}
	for after, want := range map[time.Duration][2]bool{
		2 * time.Second:           {true, false},
		20*time.Second - 1:        {false, false}, // within the slack
		20500 * time.Millisecond:  {false, false}, // depends on when it was granted
		21*time.Second + 1:        {false, false},
		21100 * time.Millisecond:  {false, true},
		19900 * time.Millisecond:  {true, false},
		100000 * time.Millisecond: {false, true},
	} {
		at := start.Add(after)
		if got := [2]bool{h.mustLive(at), h.mustBeOver(at)}; got != want {
			t.Errorf("after %s: must live, must be over = %v; want %v", after, got, want)
		}
	}
}

// A mixedServer is a little product with a choice of mistakes.
type mixedServer struct {
	mistake string
	mu      sync.Mutex // protects what follows
	live    map[string]bool
	ids     int
}

func (m *mixedServer) app() *fiber.App {
	app := newPeerApp()
	app.Use(func(c *fiber.Ctx) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.live == nil {
			m.live = map[string]bool{}
		}
		return c.Next()
	})
	app.Get("/set/", m.set)
	app.Get("/get/", m.get)
	app.Get("/session/", m.peek)
	app.Post("/del/", m.del)
	return app
}

func (m *mixedServer) set(c *fiber.Ctx) error {
	m.ids++
	id := strings.Repeat("A", m.ids)
	m.live[id] = m.mistake != "lost"
	if m.mistake == "no cookie" {
		return c.SendString(createdMarker)
	}
	c.Set("Set-Cookie", cookieName+"="+id)
	return c.SendString(createdMarker)
}

func (m *mixedServer) get(c *fiber.Ctx) error {
	id := c.Cookies(cookieName)
	if !m.live[id] && m.mistake == "fails when gone" {
		return c.SendStatus(fiber.StatusInternalServerError)
	}
	if !m.live[id] && m.mistake != "revived" {
		return c.SendString("Your session has Expired...")
	}
	if m.mistake == "another's cookie" {
		id = "B" + id
	}
	c.Set("Set-Cookie", cookieName+"="+id)
	return c.SendString(liveMarker)
}

func (m *mixedServer) peek(c *fiber.Ctx) error {
	state, name := stateEnded, ""
	if m.live[c.Cookies(cookieName)] || m.mistake == "revived" {
		state, name = stateLive, visitorName
	}
	switch m.mistake {
	case "another's name":
		name = "Eve"
	case "peek slides":
		c.Set("Set-Cookie", cookieName+"="+c.Cookies(cookieName))
	}
	return c.JSON(peeked{State: state, Name: name})
}

func (m *mixedServer) del(c *fiber.Ctx) error {
	delete(m.live, c.Cookies(cookieName))
	if m.mistake == "not deleted" {
		return c.SendStatus(fiber.StatusServiceUnavailable)
	}
	return c.SendString("You " + deletedMarker + " successfully")
}

// Every mistake is seen, under the kind of request that shows it.
func TestMixedWorker_SeesMistakes(t *testing.T) {
	for mistake, wrong := range map[string][]kind{
		"":                 nil,
		"lost":             {kindRefresh, kindPeek},
		"revived":          {kindGone},
		"fails when gone":  {kindGone},
		"no cookie":        {kindCreate},
		"another's cookie": {kindRefresh},
		"another's name":   {kindPeek},
		"peek slides":      {kindPeek},
		"not deleted":      {kindDelete},
	} {
		t.Run(mistake, func(t *testing.T) {
			w := workAgainst(t, &mixedServer{mistake: mistake})
			for _, k := range wrong {
				if w.tallies[k].wrong == 0 {
					t.Errorf("%s has no wrong answer", k)
				}
			}
			if got := w.wrong(); (got == 0) != (len(wrong) == 0) || w.overdue != 0 {
				t.Errorf("%d wrong answers, the first: %s; %d overdue", got, w.first, w.overdue)
			}
		})
	}
}

// workAgainst makes each kind of request, several times.
func workAgainst(t *testing.T, m *mixedServer) *mixedWorker {
	url := serve(t, m.app())
	w := newMixedWorker(newHTTPClient(strings.TrimPrefix(url, "http://"), 1), url, 1, 0)
	for range 10 {
		for range 4 {
			w.step(kindCreate)
		}
		for _, k := range []kind{kindRefresh, kindPeek, kindDelete, kindGone} {
			if k = w.possible(k); k != kindCreate {
				w.step(k)
			}
		}
	}
	return w
}

func (w *mixedWorker) wrong() (n int64) {
	for _, t := range w.tallies {
		n += t.wrong
	}
	return n
}

// A session that is served after its time is wrong; one that is over when it
// may be is neither right nor wrong.
func TestMixedWorker_Time(t *testing.T) {
	m := &mixedServer{}
	w := workAgainst(t, m)
	long := time.Now().Add(-time.Minute)
	w.live[0].sent, w.live[0].answered = long, long
	w.visit(kindRefresh, "/get/", 0)
	if w.wrong() != 1 || !strings.Contains(w.first, "after its last visit") {
		t.Errorf("%d wrong, %q; want that it lives too long", w.wrong(), w.first)
	}
	m.live = map[string]bool{}
	w.live[0].sent, w.live[0].answered = long, long
	n := len(w.live)
	w.visit(kindPeek, "/session/", 0)
	if w.wrong() != 1 || w.overdue != 1 || len(w.live) != n-1 {
		t.Errorf("%d wrong, %d overdue, %d live; want 1, 1, %d", w.wrong(), w.overdue, len(w.live), n-1)
	}
}

func TestMixedReport_Complaints(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*mixedReport)
		want   string
	}{
		"good":         {func(*mixedReport) {}, ""},
		"wrong":        {func(r *mixedReport) { r.Kinds[1].Wrong = 1 }, "peek: 5 good, 1 wrong"},
		"no answer":    {func(r *mixedReport) { r.Kinds[0].Errors = 1 }, "refresh: 5 good, 0 wrong, 1 errors"},
		"none done":    {func(r *mixedReport) { r.Kinds[3].Good = 0 }, "delete: 0 good"},
		"none checked": {func(r *mixedReport) { r.Deleted = 1 }, "no deleted session could be told"},
		"revived":      {func(r *mixedReport) { r.Revived = 1 }, "live again"},
		"memory grows": {func(r *mixedReport) { r.Samples[3].RSS = 142 << 20 }, "memory grew"},
		"file grows":   {func(r *mixedReport) { r.Samples[3].File = 100 << 20 }, "the file grew"},
		"threads grow": {func(r *mixedReport) { r.Samples[3].Threads = 30 }, "threads grew"},
		"files grow":   {func(r *mixedReport) { r.Samples[3].Files = 100 }, "open files grew"},
		"crash":        {func(r *mixedReport) { r.Crash = "panic: x" }, "panic: x"},
	} {
		r := mixedReport{}
		for k := range kinds {
			r.Kinds = append(r.Kinds, mixedTally{Kind: k.String(), Good: 5})
		}
		for range 4 {
			r.Samples = append(r.Samples, sample{RSS: 100 << 20, File: 20 << 20, Threads: 10, Files: 70})
		}
		test.change(&r)
		checkComplaints(t, name, r, test.want)
	}
}
