package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// A doubter is a visitor during an outage. A change that was refused with 503 may have been
// done, if only its answer was lost; so the doubter knows what the session may be.
type doubter struct {
	name     string
	site     *server
	id       string
	names    []string // one of them is the session's
	gone     bool     // it may have ended
	changes  int
	answered int
	refused  int
	wrong    []string
}

// walk goes on until done is true and a session is known.
func (d *doubter) walk(done func() bool) {
	for n := 0; len(d.wrong) == 0 && (!done() || d.id == "" || len(d.names) != 1 || d.gone); n++ {
		time.Sleep(visitPause)
		switch {
		case d.id == "":
			d.create()
		case len(d.names) > 1 || d.gone || n%4 != 0:
			d.learn()
		case n%12 == 8:
			d.end()
		default:
			d.change()
		}
	}
}

func (d *doubter) next() string {
	d.changes++
	return fmt.Sprintf("%s-%d-", d.name, d.changes)
}

func (d *doubter) create() {
	name := d.next()
	if r := d.ask("POST", "/set/", []string{name}, testkit.Form("name", name)); r != nil {
		d.id, d.names, d.gone = sentID(&reply{r}), []string{name}, false
	}
}

func (d *doubter) change() {
	name := d.next()
	if d.ask("POST", "/set/", []string{name}, testkit.Form("name", name)) != nil {
		d.names = []string{name}
		return
	}
	d.names = append(d.names, name)
}

func (d *doubter) end() {
	if d.ask("POST", "/del/", []string{delTitle}) != nil {
		d.id = ""
		return
	}
	d.gone = true
}

// learn asks for the page, and finds which of the names the session has, or that it has ended.
func (d *doubter) learn() {
	wants := slices.Clone(d.names)
	if d.gone {
		wants = append(wants, deletedTitle)
	}
	r := d.ask("GET", "/get/", wants)
	if r == nil {
		return
	}
	if strings.Contains(r.Text, deletedTitle) {
		d.id = ""
		return
	}
	d.gone = false
	d.names = slices.DeleteFunc(d.names, func(name string) bool { return !strings.Contains(r.Text, name) })
}

// ask sends a request. It returns the answer if it has one of the parts, nil if the server
// was unavailable; anything else is wrong.
func (d *doubter) ask(method, path string, parts []string, opts ...testkit.Option) *testkit.Reply {
	r, err := d.site.client.Try(method, path, append(opts, cookie(d.id))...)
	switch {
	case err != nil:
		d.wrong = append(d.wrong, fmt.Sprintf("%s %s: %v", method, path, err))
	case r.StatusCode == http.StatusServiceUnavailable && clear503(r):
		d.refused++
	case r.StatusCode == http.StatusOK && slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(r.Text, part) }):
		d.answered++
		return r
	default:
		d.wrong = append(d.wrong, fmt.Sprintf("%s %s = %d; want one of %q, or a clear 503, in\n%s", method, path, r.StatusCode, parts, r.Text))
	}
	return nil
}

// clear503 reports whether a page says that the service is unavailable, when to try again, and
// nothing of an end.
func clear503(r *testkit.Reply) bool {
	return strings.Contains(r.Text, "Temporarily unavailable") && r.Header.Get("Retry-After") != "" &&
		r.Header.Get("Set-Cookie") == "" && !strings.Contains(r.Text, "xpired") && !strings.Contains(r.Text, "ended")
}

// outage is how long a service is away.
const outage = 10 * time.Second

// While Redis is away for ten seconds, two servers behind nginx answer visitors with a clear
// 503. A change is done as a whole or not at all. They go on without a restart.
func TestAway_Redis(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]func(*testing.T, *several){
		"killed": func(t *testing.T, v *several) { v.redis.Kill(t); time.Sleep(outage); v.redis.Start(t) },
		"hung":   func(t *testing.T, v *several) { v.redis.Pause(t); time.Sleep(outage); v.redis.Continue(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := duringOutage(t, func(v *several) { away(t, v) })
			if refused == 0 {
				t.Error("no request was refused while Redis was away")
			}
		})
	}
}

// While PostgreSQL is away for ten seconds, visitors notice nothing.
func TestAway_Postgres(t *testing.T) {
	t.Parallel()
	refused := duringOutage(t, func(v *several) { v.db.Kill(t); time.Sleep(outage); v.db.Start(t) })
	if refused > 0 {
		t.Errorf("%d requests of visitors were refused while PostgreSQL was away; want none", refused)
	}
}

// duringOutage runs a load before, during and after an outage, checks each visitor's session on
// both servers, and returns how many requests were refused.
func duringOutage(t *testing.T, away func(*several)) (refused int) {
	t.Helper()
	v := startSeveral(t, 2, "--idle-timeout", "200s")
	var done atomic.Bool
	var load sync.WaitGroup
	visitors := make([]*doubter, 8)
	for i := range visitors {
		visitors[i] = &doubter{name: fmt.Sprintf("d%d", i), site: v.site}
		load.Go(func() { visitors[i].walk(done.Load) })
	}
	time.Sleep(time.Second) // of load before
	away(v)
	for _, s := range v.servers {
		s.await("the session store", func() bool { return strings.Contains(s.get("/readyz?verbose").Text, "Redis: ok") })
	}
	done.Store(true)
	load.Wait()
	answered := 0
	for _, d := range visitors {
		answered, refused = answered+d.answered, refused+d.refused
		for _, wrong := range d.wrong {
			t.Error(wrong)
		}
		for _, s := range v.servers {
			if d.id != "" {
				s.get("/get/", cookie(d.id)).Wants(http.StatusOK, d.names[0])
			}
		}
	}
	t.Logf("%d requests answered, %d refused", answered, refused)
	return refused
}
