package e2e

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// At the bound a new session is refused quickly. Everything else goes on, and all
// sessions stay.
func TestFull_RefusesNewSessions(t *testing.T) {
	t.Parallel()
	s := start(t, "--max-sessions", "3", "--idle-timeout", "60s")
	ids := []string{s.set(), s.set(), s.set()}
	var took []time.Duration
	for range 20 {
		r := s.get("/set/")
		took = append(took, r.Got.Sub(r.Sent))
		r.page(t, http.StatusServiceUnavailable, "Temporarily unavailable")
		r.silent(t, "GET /set/ at the bound")
		r.guarded(t, "GET /set/ at the bound")
		if r.Header.Get("Retry-After") == "" || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("GET /set/ at the bound: Retry-After %q, Cache-Control %q; want some, no-store",
				r.Header.Get("Retry-After"), r.Header.Get("Cache-Control"))
		}
	}
	slices.Sort(took)
	t.Logf("a refusal takes %v in the median, %v at most", took[10], took[19])
	if took[10] > 100*time.Millisecond {
		t.Errorf("a refusal takes %v in the median; want less than 100ms", took[10])
	}
	for _, id := range ids {
		before := s.look(id)
		time.Sleep(20 * time.Millisecond)
		s.get("/get/", cookie(id)).page(t, http.StatusOK, getTitle)
		if r := s.post("/session/refresh/", cookie(id)); r.StatusCode != http.StatusNoContent {
			t.Errorf("POST /session/refresh/ at the bound = %d; want 204", r.StatusCode)
		}
		if !slid(before, s.look(id)) {
			t.Errorf("at the bound a session does not slide")
		}
		s.get("/set/?name=Pema", cookie(id)).page(t, http.StatusOK, setTitle)
	}
	if r := s.get("/readyz"); r.StatusCode != http.StatusOK {
		t.Errorf("GET /readyz at the bound = %d; want 200", r.StatusCode)
	}
	s.get("/del/", cookie(ids[0])).page(t, http.StatusOK, delTitle)
	ids[0] = s.set()
	if r := s.get("/set/"); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("GET /set/ at the bound again = %d; want 503", r.StatusCode)
	}
	for _, id := range ids {
		s.state(id, "live", "")
	}
}

// The bound is on live sessions: ended ones do not count.
func TestFull_EndedSessionsMakeRoom(t *testing.T) {
	t.Parallel()
	const most = 8
	s := start(t, "--max-sessions", strconv.Itoa(most), "--idle-timeout", "1s")
	for range most {
		s.set()
	}
	time.Sleep(1100 * time.Millisecond)
	ended := time.Now()
	for i := range most {
		if r := s.get("/set/"); r.StatusCode != http.StatusOK {
			s.await("room", func() bool { return s.get("/set/").StatusCode == http.StatusOK })
			t.Fatalf("GET /set/ number %d, when all %d sessions have ended, = %d, and for %v; want 200 at once",
				i+1, most, r.StatusCode, time.Since(ended).Round(time.Millisecond))
		}
	}
}

// The bound holds for any number of visitors at once.
func TestFull_Crowd(t *testing.T) {
	t.Parallel()
	s := start(t, "--max-sessions", "10", "--idle-timeout", "60s")
	var made, refused atomic.Int32
	var crowd sync.WaitGroup
	for range 100 {
		crowd.Go(func() {
			switch r := s.get("/set/"); r.StatusCode {
			case http.StatusOK:
				made.Add(1)
			case http.StatusServiceUnavailable:
				refused.Add(1)
			}
		})
	}
	crowd.Wait()
	if made.Load() != 10 || refused.Load() != 90 {
		t.Errorf("100 visitors: %d got a session, %d a 503; want 10, 90", made.Load(), refused.Load())
	}
}

// Two thousand visitors at once are served.
func TestFull_Flood(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "120s")
	const visitors = 2000
	ids := make([]string, visitors)
	var ready, flood sync.WaitGroup
	begin := make(chan struct{})
	for i := range ids {
		ready.Add(1)
		flood.Go(func() {
			ready.Done()
			<-begin
			r := s.get("/set/")
			if ids[i] = sentID(r); r.StatusCode != http.StatusOK || ids[i] == "" {
				t.Errorf("GET /set/ = %d; want 200", r.StatusCode)
			}
		})
	}
	ready.Wait()
	began := time.Now()
	close(begin)
	flood.Wait()
	t.Logf("%d visitors at once: %v", visitors, time.Since(began))
	for i := 0; i < visitors; i += 50 {
		s.state(ids[i], "live", "")
	}
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != visitors {
		t.Errorf("%d visitors have %d ids", visitors, n)
	}
	s.stop()
	if again := startIn(t, s.dir); !again.serving(visitors) {
		t.Errorf("after a restart there are not %d sessions:\n%s", visitors, again.out)
	}
}

// The first visitors may come together: the first page's preparations happen once. All
// of these wait for one commit and get their page at the same instant. Under -race
// this tests how the engine starts.
func TestFull_FirstVisitorsTogether(t *testing.T) {
	t.Parallel()
	for range 4 {
		s := start(t)
		var crowd sync.WaitGroup
		begin := make(chan struct{})
		for range 50 {
			crowd.Go(func() {
				<-begin
				if r := s.get("/set/"); r.StatusCode != http.StatusOK {
					t.Errorf("GET /set/, among the first, = %d; want 200", r.StatusCode)
				}
			})
		}
		close(begin)
		crowd.Wait()
		s.stop()
	}
}
