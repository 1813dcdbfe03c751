package scenario

import (
	"strings"
	"testing"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/report"
)

// This runs the whole scenario with the real product.
func TestMixed(t *testing.T) {
	t.Parallel()
	r := runTest(t, mixedScenario(), func(o *Options) {
		o.Duration, o.Every, o.Sessions, o.Connections = 2*time.Second, 100*time.Millisecond, 40, 8
	}, "mixed-latency.svg")
	for _, m := range r.Of(measureMixed) {
		if m.Counts.Failed() > 0 {
			t.Errorf("%+v; want right answers only", m)
		}
	}
	if s, _ := r.Find(measureMixed, "refresh"); s.Counts.Good == 0 || len(r.Of(measureSamples)) < 2 {
		t.Errorf("refreshes %+v, %d samples; want some", s.Counts, len(r.Of(measureSamples)))
	}
	if len(r.Facts) != 1 || strings.Contains(r.Facts[0], " 0 of those") || !strings.HasSuffix(r.Facts[0], " 0 live") {
		t.Errorf("facts = %q; want that deleted sessions were checked, none of them live", r.Facts)
	}
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
		20500 * time.Millisecond:  {false, false}, // depends on when it was extended
		21*time.Second + 1:        {false, false},
		21100 * time.Millisecond:  {false, true},
		19900 * time.Millisecond:  {true, false},
		100000 * time.Millisecond: {false, true},
	} {
		at := start.Add(after)
		if got := [2]bool{h.mustLive(at), h.mustBeExpired(at)}; got != want {
			t.Errorf("after %s: must live, must be expired = %v; want %v", after, got, want)
		}
	}
}

// Every mistake is found, by the kind of request that shows it.
func TestMixedWorker_SeesMistakes(t *testing.T) {
	for mistake, wrong := range map[string][]kind{
		"":                 nil,
		"lost":             {kindRefresh, kindPeek},
		"revived":          {kindGone},
		"fails when gone":  {kindGone},
		"no cookie":        {kindCreate},
		"another's cookie": {kindRefresh},
		"another's name":   {kindPeek},
		"peek refreshes":   {kindPeek},
		"not deleted":      {kindDelete},
	} {
		t.Run(mistake, func(t *testing.T) {
			w := workAgainst(t, &shop{mistake: mistake})
			for _, k := range wrong {
				if w.tallies[k].Wrong == 0 {
					t.Errorf("%s has no wrong answer", k)
				}
			}
			if got := w.wrong(); (got == 0) != (len(wrong) == 0) || w.overdue != 0 {
				t.Errorf("%d wrong answers, the first: %s; %d overdue", got, w.first, w.overdue)
			}
		})
	}
}

// workAgainst sends each kind of request, several times.
func workAgainst(t *testing.T, s *shop) *mixedWorker {
	w := newMixedWorker(serve(t, s.handle), 1, 0)
	t.Cleanup(w.conn.Close)
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
		n += t.Wrong
	}
	return n
}

// A session that is live after its time is wrong. One that expired when it was due to
// expire counts as overdue.
func TestMixedWorker_Time(t *testing.T) {
	s := &shop{}
	w := workAgainst(t, s)
	long := time.Now().Add(-time.Minute)
	w.live[0].sent, w.live[0].answered = long, long
	w.request(kindRefresh, "/get/", 0)
	if w.wrong() != 1 || !strings.Contains(w.first, "after its last request") {
		t.Errorf("%d wrong, %q; want that it lives too long", w.wrong(), w.first)
	}
	s.live = map[string]bool{}
	w.live[0].sent, w.live[0].answered = long, long
	n := len(w.live)
	w.request(kindPeek, "/session/", 0)
	if w.wrong() != 1 || w.overdue != 1 || len(w.live) != n-1 {
		t.Errorf("%d wrong, %d overdue, %d live; want 1, 1, %d", w.wrong(), w.overdue, len(w.live), n-1)
	}
}

func TestJudge_Mixed(t *testing.T) {
	sample := func(m *mixed) report.Figures { return m.Report.Measurements[len(m.Report.Measurements)-1].Figures }
	counts := func(m *mixed, k kind) *load.Counts { return &m.Report.Measurements[k].Counts }
	for name, test := range map[string]struct {
		change func(*mixed)
		want   string
	}{
		"good":         {func(*mixed) {}, ""},
		"wrong":        {func(m *mixed) { counts(m, kindPeek).Wrong = 1 }, "peek: 5 good, 0 errors, 0 expired, 1 wrong"},
		"no answer":    {func(m *mixed) { counts(m, kindRefresh).Errors = 1 }, "refresh: 5 good, 1 errors"},
		"none done":    {func(m *mixed) { counts(m, kindDelete).Good = 0 }, "delete: 0 good"},
		"none checked": {func(m *mixed) { m.workers[0].deleted = 1 }, "every deleted session would have expired"},
		"its text":     {func(m *mixed) { m.workers[0].first = "status 500" }, "status 500"},
		"revived":      {func(m *mixed) { m.revived = 1 }, "live again"},
		"memory grows": {func(m *mixed) { sample(m)[report.Memory] = 142 << 20 }, "memory grew"},
		"file grows":   {func(m *mixed) { sample(m)[report.File] = 100 << 20 }, "the file grew"},
		"threads grow": {func(m *mixed) { sample(m)["threads"] = 30 }, "threads grew"},
		"files grow":   {func(m *mixed) { sample(m)["open_files"] = 100 }, "open files grew"},
	} {
		m := &mixed{Bench: &Bench{Report: &report.Report{}}, workers: []*mixedWorker{{}}}
		for k := range kinds {
			m.Report.Measurements = append(m.Report.Measurements, report.Measurement{Measure: measureMixed, Subject: k.String(), Counts: load.Counts{Good: 5}})
		}
		for range 4 {
			m.Report.Measurements = append(m.Report.Measurements, report.Measurement{Measure: measureSamples, Figures: report.Figures{
				report.Memory: 100 << 20, report.File: 20 << 20, "threads": 10, "open_files": 70,
			}})
		}
		test.change(m)
		m.judge()
		checkBad(t, name, m.Report, test.want)
	}
}

// A product that does not start is an error.
func TestLife_ProductDoesNotStart(t *testing.T) {
	t.Parallel()
	o := mixedScenario().options()
	b := testBench(t, mixedScenario(), o)
	b.Product = "/bin/false"
	if err := b.do(t.Context()); err == nil || !strings.Contains(err.Error(), "ended before it was ready") {
		t.Errorf("do = %v; want that the server did not start", err)
	}
}
