package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/gob"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// An operator ends a visitor's session. The visitor's page then says so by itself,
// with the reason.
func TestBrowserConsole_Revoke(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "3m")
	visitor := live(t, s)
	b := console(t, s, 3*time.Minute)
	b.open("/admin/sessions/?q=pema")
	b.shows("Pema", "1 in all")
	b.click(`tbody .who a`)
	b.shows("Expires in", "Pema", "End this session")
	b.click(`main .danger`)
	b.shows("The session was ended. The visitor’s page will say so.", "Ended by operator")
	eval[bool](visitor, `document.dispatchEvent(new Event('visibilitychange'))`) // the visitor comes back to the tab
	visitor.until("the ended page", `location.search === '?was=revoked'`)
	visitor.shows(revokedTitle)
	b.open("/admin/")
	b.shows("ended session")
	b.open("/admin/sessions/?state=revoked")
	b.shows("1 in all", "Ended by operator")
}

// The list counts down and follows what happens: a request extends a session, and a
// session without one ends, as on the server.
func TestBrowserConsole_ListIsLive(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "6s")
	b := console(t, s, time.Minute)
	id := s.set()
	s.get("/set/?name=Gone")
	b.open("/admin/sessions/")
	end := time.Now().Add(7 * time.Second)
	for time.Now().Before(end) {
		s.get("/get/", cookie(id))
		b.pause()
	}
	b.until("one is over", `document.querySelectorAll('[data-ended]').length === 1`)
	b.until("it says why", `document.querySelector('[data-ended]').textContent.includes('Expired: idle timeout')`)
	if n := eval[string](b, `document.querySelector('tr[data-handle]:not([data-ended]) [data-refreshes]').textContent`); n == "0" {
		t.Error("the list counts no refreshes of the one who looks")
	}
	if !eval[bool](b, `document.querySelector('[data-ended] [data-pick]').disabled`) {
		t.Error("what is over can be selected")
	}
}

// An operator selects several sessions, confirms, and ends them; then all sessions,
// by typing the words.
func TestBrowserConsole_EndSeveral(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "3m")
	for i := range 5 {
		s.get(fmt.Sprintf("/set/?name=Visitor%d", i))
	}
	b := console(t, s, 2*time.Minute)
	b.open("/admin/sessions/?o=created")
	if !eval[bool](b, `document.querySelector('[data-picked]').disabled`) {
		t.Error("there is nothing to end, and the button says there is")
	}
	for _, name := range []string{"Visitor0", "Visitor2"} {
		eval[bool](b, `([...document.querySelectorAll('tbody tr')].find((row) => row.textContent.includes(`+quoted(name)+`)).querySelector('[data-pick]').click(), true)`)
	}
	b.shows("End selected 2…", "5 live sessions")
	s.get("/set/?name=Late")
	b.until("the news", `document.querySelector('[data-new] a').textContent === '1 new: show' && document.querySelectorAll('tbody tr').length === 5`)
	b.screen(360, 568, "light")
	b.until("the bar in view", `document.querySelector('[data-picked]').getBoundingClientRect().bottom <= innerHeight`)
	b.screen(1280, 800, "light")
	b.click(`[data-new] a`)
	b.shows("6 live sessions", "Late")
	for _, name := range []string{"Visitor0", "Visitor2", "Late"} {
		eval[bool](b, `([...document.querySelectorAll('tbody tr')].find((row) => row.textContent.includes(`+quoted(name)+`)).querySelector('[data-pick]').click(), true)`)
	}
	b.click(`[data-picked]`)
	b.shows("End 3 sessions?", "Visitor0", "Visitor2", "You cannot undo this")
	b.click(`main .danger`)
	b.shows("3 sessions were ended.", "3 in all")
	b.click(`.heading .danger`)
	b.fill("#words", "END ALL")
	b.click(`main .danger`)
	b.shows("The text does not match")
	b.fill("#words", "END ALL 3")
	b.click(`main .danger`)
	b.shows("3 sessions were ended.", "No sessions")
	b.forgive("status of 422")
}

// The dashboard is live: numbers and charts follow what visitors do, for longer than
// any other answer may take, and leave the operator's session as it is.
func TestBrowserConsole_ChartsMove(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "3m")
	b := console(t, s, 2*time.Minute)
	b.until("charts", `document.querySelectorAll('.uplot canvas').length === 6`)
	b.before(`self.opened = 0; const Real = EventSource; self.EventSource = class extends Real { constructor(...all) { super(...all); this.addEventListener('open', () => self.opened++); } }`)
	b.open("/admin/")
	b.until("the stream", `document.querySelector('[data-status]').textContent === 'Live'`)
	if n := eval[string](b, tile("sessions")); n != "0" {
		t.Errorf("%s live sessions; want none", n)
	}
	b.until("a chart", `document.querySelector('.uplot canvas')`)
	before := eval[string](b, painted)
	begun := time.Now()
	id := s.set()
	b.until("a session", tile("sessions")+` === '1'`)
	for time.Since(begun) < 12*time.Second { // the limit for an answer is 10 s
		for range 20 {
			s.get("/get/", cookie(id))
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.until("refreshes", `parseFloat(`+tile("refreshes")+`) > 1`)
	if eval[string](b, painted) == before {
		t.Error("the chart of live sessions has not changed")
	}
	if n := eval[int](b, `self.opened`); n != 1 {
		t.Errorf("the stream was opened %d times; want one that lasts", n)
	}
	s.set()
	b.until("the second session", tile("sessions")+` === '2'`)
}

func tile(name string) string {
	return `document.querySelector('.tiles [data-gauge=` + name + `]').textContent`
}

const painted = `document.querySelector('.uplot canvas').toDataURL()`

// A server with an open stream stops as fast as one without.
func TestBrowserConsole_StopsWithAnOpenStream(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := console(t, s, time.Minute)
	b.until("the stream", `document.querySelector('[data-status]').textContent === 'Live'`)
	s.stop() // checks the 5 s and the exit code
	b.until("the loss is said", `document.querySelector('[data-status]').textContent === 'No connection'`)
	b.forgive("ERR_CONNECTION", "loading failed", "ERR_INCOMPLETE", "ERR_EMPTY")
}

// Many live sessions are listed, paged through and searched. The bench measures a
// million of them.
func TestBrowserConsole_Many(t *testing.T) {
	t.Parallel()
	const live = 100_000
	dir := t.TempDir()
	plant(t, dir, live)
	s := startIn(t, dir, "--max-sessions", strconv.Itoa(live+1))
	b := console(t, s, 4*time.Minute)
	pages := live / 50
	for _, look := range []struct{ path, shows string }{
		{"/admin/sessions/", "1 to 50 of " + grouped(live)},
		{fmt.Sprintf("/admin/sessions/?o=left&p=%d", pages/2), grouped(pages/2) + " of " + grouped(pages)},
		{fmt.Sprintf("/admin/sessions/?p=%d", pages), grouped(live-49) + " to " + grouped(live)},
		{fmt.Sprintf("/admin/sessions/?q=visitor%d", live-1), "1 in all"},
	} {
		b.open(look.path)
		b.shows(look.shows)
	}
	b.shoot("console-many")
	b.open("/admin/")
	b.until("all sessions on the dashboard", tile("sessions")+` === '`+grouped(live)+`'`) // after the next sample
}

// grouped returns a number above 999 as the console shows it.
func grouped(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s\u202f%03d", grouped(n/1000), n%1000)
}

// plant writes live sessions into the file of a stopped server, many at a time, so
// that they share the fsyncs.
func plant(t *testing.T, dir string, n int) {
	t.Helper()
	store, err := storage.Open(storage.Config{Database: filepath.Join(dir, "sessions.db"), MaxSessions: n})
	if err != nil {
		t.Fatal(err)
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range 2048 {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				if err := store.Create(context.Background(), record.KeyOf(rand.Text()), valueNamed(t, i), record.Lifetime{Idle: time.Hour, Absolute: 12 * time.Hour}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func valueNamed(t *testing.T, i int64) []byte {
	var value bytes.Buffer
	if err := gob.NewEncoder(&value).Encode(map[string]any{"name": fmt.Sprintf("visitor%d", i)}); err != nil {
		t.Error(err)
	}
	return value.Bytes()
}
