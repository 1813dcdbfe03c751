package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// A walker is a visitor who creates, visits, changes and deletes sessions one after the other,
// and knows what each answer has to be.
type walker struct {
	name     string
	site     *server
	id       string // of the live session; "" without one
	asked    int
	answered int // requests with the right answer
	wrong    []string
}

// walk goes on until done is true, and leaves a live session.
func (w *walker) walk(done func() bool) {
	for n := 0; !done() || w.id == ""; n++ {
		time.Sleep(visitPause)
		switch {
		case w.id == "":
			w.change(n)
		case n%7 == 6:
			w.expect("POST", "/del/", delTitle)
			w.id = ""
		case n%7 == 3:
			w.change(n)
		default:
			w.expect("GET", "/get/", w.named())
		}
		if len(w.wrong) > 5 {
			return
		}
	}
}

// named is the name that the session has.
func (w *walker) named() string { return fmt.Sprintf("%s-%d-", w.name, w.asked) }

// change writes a new name by a form.
func (w *walker) change(n int) {
	before := w.asked
	w.asked = n
	if r := w.expect("POST", "/set/", w.named(), testkit.Form("name", w.named())); r != nil {
		w.id = sentID(&reply{r})
	} else {
		w.asked = before
	}
}

// expect sends a request, and returns its answer if it is the right one.
func (w *walker) expect(method, path, part string, opts ...testkit.Option) *testkit.Reply {
	r, err := w.site.client.Try(method, path, append(opts, cookie(w.id))...)
	switch {
	case err != nil:
		w.wrong = append(w.wrong, fmt.Sprintf("%s %s: %v", method, path, err))
	case r.StatusCode != http.StatusOK || !strings.Contains(r.Text, part):
		w.wrong = append(w.wrong, fmt.Sprintf("%s %s = %d without %q: %.200q", method, path, r.StatusCode, part, r.Text))
	default:
		w.answered++
		return r
	}
	return nil
}

// An upgrade stops one server after the other and starts it again. Behind nginx visitors
// notice nothing: each request is answered, each session lives on, and a stream that ends
// is open again at once.
func TestRolling_Upgrade(t *testing.T) {
	t.Parallel()
	v := startSeveral(t, 2, "--idle-timeout", "200s", "--drain", "1s")
	var done atomic.Bool
	var load sync.WaitGroup
	walkers := make([]*walker, 16)
	for i := range walkers {
		walkers[i] = &walker{name: fmt.Sprintf("w%d", i), site: v.site}
		load.Go(func() { walkers[i].walk(done.Load) })
	}
	streams := &streamer{site: v.site, id: v.site.set(named("Pema"))}
	ctx, leave := context.WithCancel(t.Context())
	load.Go(func() { streams.watch(ctx) })
	const rounds = 2
	for range rounds {
		for i := range v.servers {
			v.restart(i)
		}
	}
	done.Store(true)
	leave()
	load.Wait()
	answered := 0
	for _, w := range walkers {
		answered += w.check(t, v.servers)
	}
	if streams.wrong != "" || streams.ended < rounds || streams.ended > 2*rounds {
		t.Errorf("a stream ended %d times in %d restarts of the two servers, %q; want each time without a fault", streams.ended, rounds, streams.wrong)
	}
	t.Logf("%d requests answered during %d restarts", answered, rounds*len(v.servers))
}

// check reports wrong answers, and that each server knows the visitor's session. It returns
// the number of right answers.
func (w *walker) check(t *testing.T, servers []*server) int {
	t.Helper()
	for _, wrong := range w.wrong {
		t.Error(wrong)
	}
	for _, s := range servers {
		s.get("/get/", cookie(w.id)).Wants(http.StatusOK, w.named())
	}
	return w.answered
}

// A streamer is a browser that opens its stream again each time it ends.
type streamer struct {
	site  *server
	id    string
	ended int
	wrong string
}

// watch goes on until ctx is done.
func (w *streamer) watch(ctx context.Context) {
	for ctx.Err() == nil && w.wrong == "" {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.site.url+"/session/stream/", nil)
		if err != nil {
			w.wrong = err.Error()
			return
		}
		req.Header.Set("Cookie", "sessionid="+w.id)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		a, err := w.site.client.Carrier.RoundTrip(req)
		if err == nil {
			_, err = io.Copy(io.Discard, a.Body)
			_ = a.Body.Close()
			if a.StatusCode != http.StatusOK {
				err = errors.New(a.Status)
			}
		}
		if err != nil && ctx.Err() == nil {
			w.wrong = err.Error()
		}
		w.ended++
	}
	w.ended-- // by ctx
}
