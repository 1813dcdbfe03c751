package e2e

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// named sends the visitor's name in the address.
func named(name string) testkit.Option {
	return func(r *http.Request) { r.URL.RawQuery = "name=" + name }
}

// A stop keeps everything, the last refresh included.
func TestRestart_AfterStop(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "60s")
	id, deleted := s.set(named("Pema")), s.set()
	time.Sleep(200 * time.Millisecond)
	s.get("/del/", cookie(deleted))
	s.get("/get/", cookie(id))
	before := s.look(id)
	s.stop()
	again := startIn(t, s.dir, "--idle-timeout", "60s")
	after := again.look(id)
	sameSession(t, "a restart", before, after)
	if lost := before.earliest().Sub(after.latest()); lost > 10*time.Millisecond {
		t.Errorf("a restart took %v off the session", lost)
	}
	again.state(deleted, "ended", "deleted")
	if got := sentID(again.get("/get/", cookie(id))); got != id {
		t.Errorf("GET /get/ after a restart: id %q; want %q", got, id)
	}
}

// After a crash a session may end up to 1 s early, by what was not flushed yet. Changes
// that were answered are there, and deleted sessions stay deleted.
func TestRestart_AfterKill(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "60s")
	old, deleted := s.set(named("Pema")), s.set()
	time.Sleep(300 * time.Millisecond)
	s.get("/get/", cookie(old))
	before := s.look(old)
	s.get("/del/", cookie(deleted))
	changed := s.set()
	s.get("/set/?name=Dorji", cookie(changed))
	newest := s.set(named("Karma"))
	s.kill()

	again := startIn(t, s.dir, "--idle-timeout", "60s")
	after := again.look(old)
	sameSession(t, "a crash", before, after)
	if early := before.earliest().Sub(after.latest()); early > time.Second {
		t.Errorf("a crash took %v off the session; want at most 1s", early)
	}
	again.state(deleted, "ended", "deleted")
	for id, name := range map[string]string{changed: "Dorji", newest: "Karma"} {
		if l := again.look(id); l.State != "live" || l.Name != name {
			t.Errorf("after a crash: %s, %q; want live, %q", l.State, l.Name, name)
		}
	}
	// After a crash the log is free of warnings about a damaged file.
	if log := again.out.String(); strings.Contains(log, "damaged") {
		t.Errorf("after a crash: %s", log)
	}
}

// The time while the server is stopped counts.
func TestRestart_DownTimeCounts(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"stop", "kill"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := start(t, "--idle-timeout", "2s")
			id := s.set()
			before := s.look(id)
			time.Sleep(300 * time.Millisecond)
			map[string]func(){"stop": s.stop, "kill": s.kill}[how]()
			time.Sleep(time.Until(before.latest()) + 50*time.Millisecond)
			again := startIn(t, s.dir, "--idle-timeout", "2s")
			again.state(id, "ended", "idle")
			again.get("/get/", cookie(id)).page(t, http.StatusOK, endedTitle, "It had no visit for")
		})
	}
}

// A server that is killed under load has kept everything that it confirmed.
func TestRestart_KilledUnderLoad(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "60s")
	ledgers := make([]ledger, 8)
	var load sync.WaitGroup
	for i := range ledgers {
		load.Go(func() { ledgers[i].write(s) })
	}
	time.Sleep(700 * time.Millisecond)
	s.kill()
	load.Wait()
	again := startIn(t, s.dir, "--idle-timeout", "60s")
	for i := range ledgers {
		ledgers[i].check(t, again, true)
	}
}

// A ledger has the changes that a client sent, and those that were confirmed.
type ledger struct {
	id       string
	asked    int // the last name that was sent
	answered int // the last name that was confirmed
	broken   error
}

// write sets one name after the other, until the server is gone.
func (l *ledger) write(s *server) {
	for {
		r, err := s.client.Try("GET", "/set/?name="+strconv.Itoa(l.asked+1), cookie(l.id))
		l.asked++
		if err == nil && r.StatusCode == http.StatusServiceUnavailable {
			l.asked--
			continue
		}
		if err != nil || r.StatusCode != http.StatusOK {
			l.broken = err
			return
		}
		l.id, l.answered = sentID(&reply{r}), l.asked
	}
}

// check compares the ledger with the session after a restart. After a crash the last
// request may have taken effect; after a stop, one that did was also answered.
func (l *ledger) check(t *testing.T, s *server, crashed bool) {
	t.Helper()
	if l.answered == 0 {
		t.Errorf("nothing was answered: %v", l.broken)
		return
	}
	got := s.look(l.id)
	last := got.Name == strconv.Itoa(l.answered)
	next := got.Name == strconv.Itoa(l.asked)
	if got.State != "live" || (!last && !next) {
		t.Errorf("session is %s with %q; want live with %d, the last that was confirmed", got.State, got.Name, l.answered)
	}
	if !last && next && !crashed {
		t.Errorf("request %d was done and not answered: %v", l.asked, l.broken)
	}
}
