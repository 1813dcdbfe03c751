package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// awayFor is how long Redis or PostgreSQL is away.
const awayFor = 10 * time.Second

// While Redis hangs, operators on both servers get 503 that says so, none is signed out, and what
// was refused was not done. Then all goes on without a restart.
func TestOperators_RedisAway(t *testing.T) {
	t.Parallel()
	c := startTwoConsoles(t)
	c.goesAway(t, "Sessions unavailable", func() {
		c.redis.Pause(t)
		time.Sleep(awayFor) // of Redis's own clock
		c.two.post("/admin/login/", testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Form("username", "ada", "password", consolePassword)).
			Wants(503, "Sessions unavailable", "Check that Redis runs")
		c.redis.Continue(t)
	})
	if n := len(c.done.refused); n == 0 {
		t.Error("no change was refused")
	}
	for name := range c.done.refused {
		if c.hasGroup(name) {
			t.Errorf("the group %s was refused, and is there", name)
		}
	}
}

// The same while PostgreSQL is killed. A change that it could not answer may have been made.
func TestOperators_PostgresAway(t *testing.T) {
	t.Parallel()
	c := startTwoConsoles(t)
	c.one.faulty, c.two.faulty = true, true
	c.goesAway(t, "Accounts unavailable", func() {
		c.accounts.Kill(t)
		time.Sleep(awayFor)
		c.accounts.Start(t)
	})
}

// changes are what operators did: the groups that they made, and those that were refused.
type changes struct {
	mu            sync.Mutex // protects what follows
	made, refused map[string]bool
	explained     int // refusals that said why
}

// goesAway lets operators work on both servers during an outage, and checks each answer.
func (c *twoConsoles) goesAway(t *testing.T, says string, outage func()) {
	t.Helper()
	c.done = &changes{made: map[string]bool{}, refused: map[string]bool{}}
	stop := make(chan struct{})
	var workers sync.WaitGroup
	for i := range 4 {
		workers.Go(func() { c.operate(t, []*server{c.one, c.two}[i%2], i, says, stop) })
	}
	c.one.await("changes before the outage", func() bool { return c.madeSoFar() >= 8 })
	outage()
	begun := time.Now()
	for _, s := range []*server{c.one, c.two} {
		s.await("a working console", func() bool { return s.get("/admin/users/", fromConsole(c.ada)...).StatusCode == 200 })
	}
	back, before := time.Since(begun), c.madeSoFar()
	c.one.await("changes after the outage", func() bool { return c.madeSoFar() >= before+8 })
	close(stop)
	workers.Wait()
	for _, s := range []*server{c.one, c.two} {
		s.get("/admin/users/", fromConsole(s.signIn("ada", consolePassword))...).Wants(200, "ada")
	}
	t.Logf("%d changes were made, %d refused, %d of these with the reason; both consoles worked %v after the outage", len(c.done.made), len(c.done.refused), c.done.explained, back)
	if c.done.explained == 0 || len(c.done.made) == 0 {
		t.Errorf("%d changes were made, and %d refusals said %q; want some of both", len(c.done.made), c.done.explained, says)
	}
	for name := range c.done.made {
		if !c.hasGroup(name) {
			t.Errorf("the group %s was made, and is missing", name)
		}
	}
}

func (c *twoConsoles) madeSoFar() int {
	c.done.mu.Lock()
	defer c.done.mu.Unlock()
	return len(c.done.made)
}

// operate makes groups, and looks at pages, until stop.
func (c *twoConsoles) operate(t *testing.T, s *server, worker int, says string, stop <-chan struct{}) {
	here := testkit.At(t, s.url)
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-time.After(200 * time.Millisecond):
		}
		name := fmt.Sprintf("group-%d-%d", worker, n)
		r, err := here.Try(http.MethodPost, "/admin/groups/add/", append(fromConsole(c.ada), testkit.Form("name", name))...)
		if err != nil {
			t.Errorf("POST: %v", err)
			return
		}
		c.note(t, name, r, says)
		r, err = here.Try(http.MethodGet, "/admin/users/", fromConsole(c.ada)...)
		if err != nil || r.StatusCode != 200 && r.StatusCode != 503 || r.Header.Get("Set-Cookie") != "" && r.StatusCode == 503 {
			t.Errorf("GET /admin/users/ = %v, %v; want 200 or 503, and never a sign-out", r.StatusCode, err)
		}
	}
}

// note takes the answer to a change.
func (c *twoConsoles) note(t *testing.T, name string, r *testkit.Reply, says string) {
	c.done.mu.Lock()
	defer c.done.mu.Unlock()
	switch {
	case r.StatusCode == http.StatusSeeOther && !strings.Contains(r.Leads(), "login"):
		c.done.made[name] = true
	case r.StatusCode == http.StatusServiceUnavailable:
		c.done.refused[name] = true
		if strings.Contains(r.Text, says) && strings.Contains(r.Text, "stay signed in") && r.Header.Get("Retry-After") != "" {
			c.done.explained++
		}
	default:
		t.Errorf("POST /admin/groups/add/ = %d, leads to %q; want it done, or 503", r.StatusCode, r.Leads())
	}
}

// hasGroup searches for a group.
func (c *twoConsoles) hasGroup(name string) bool {
	r := c.one.get("/admin/groups/?q="+url.QueryEscape(name), fromConsole(c.ada)...).Wants(200)
	return strings.Contains(r.Text, ">"+name+"<") || strings.Contains(r.Text, ">"+name+"</bdi>")
}
