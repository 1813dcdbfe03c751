package scenario

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/bench/load"
)

// oneSession serves one session. It is live as long as alive says, given the age of
// the session and the time since its last request; page decides what the page shows.
func oneSession(alive func(age, unseen time.Duration) bool, page func(live bool) bool) fasthttp.RequestHandler {
	var made, seen time.Time // one client, so one request at a time
	live := func() bool {
		ok := alive(time.Since(made), time.Since(seen))
		seen = time.Now()
		return ok
	}
	return func(c *fasthttp.RequestCtx) {
		switch string(c.Path()) {
		case "/set/":
			made, seen = time.Now(), time.Now()
			c.Response.Header.Set("Set-Cookie", "sessionid=a; Max-Age=20")
		case "/session/":
			state := load.StateEnded
			if live() {
				state = load.StateLive
			}
			fmt.Fprintf(c, `{"state":%q,"name":%q}`, state, load.VisitorName)
		case "/get/":
			c.SetBodyString("Your session has ended")
			if page(live()) {
				c.SetBodyString(load.LiveMarker)
			}
		}
	}
}

func asItIs(live bool) bool { return live }

func TestWatchIdle(t *testing.T) {
	const idle = time.Second
	for name, test := range map[string]struct {
		alive func(age, unseen time.Duration) bool
		want  string
	}{
		"as promised":    {func(age, _ time.Duration) bool { return age < idle }, ""},
		"too early":      {func(age, _ time.Duration) bool { return age < idle*4/5 }, "ms (0s: never); want it live until 1s"},
		"much too early": {func(age, _ time.Duration) bool { return age < idle/4 }, "last seen live at 0s"},
		"a little late":  {func(age, _ time.Duration) bool { return age < idle*5/4 }, "last seen live at 1."},
		"never":          {func(_, _ time.Duration) bool { return true }, "first seen gone at 0s"},
		"a peek extends": {func(_, unseen time.Duration) bool { return unseen < idle }, "first seen gone at 0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := watchIdle(t.Context(), serve(t, oneSession(test.alive, asItIs)), idle)
			if !strings.Contains(r.bad, test.want) || (r.bad == "") != (test.want == "") {
				t.Errorf("watchIdle = %+v; want %q", r, test.want)
			}
		})
	}
}

// The peek and the page have to agree.
func TestWatchIdle_PageDisagrees(t *testing.T) {
	url := serve(t, oneSession(func(age, _ time.Duration) bool { return age < 80*time.Millisecond }, func(bool) bool { return true }))
	if r := watchIdle(t.Context(), url, 100*time.Millisecond); !strings.Contains(r.bad, "gone, but /get/ answers") {
		t.Errorf("watchIdle = %+v; want that the page disagrees", r)
	}
}

func TestWatchIdle_NoServer(t *testing.T) {
	if r := watchIdle(t.Context(), "http://127.0.0.1:1", time.Second); !strings.Contains(r.bad, "could not be watched") {
		t.Errorf("watchIdle without a server = %+v", r)
	}
}
