package scenario

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"pagesession/bench/load"
)

// A wave creates sessions as fast as it can. A right answer is 200 with a session, or 503
// with Retry-After when the server may be full.
type wave struct {
	*Options
	url   string
	began time.Time

	mu        sync.Mutex    // protects what follows
	full      time.Duration // of the first refusal, after began; 0 before it
	kept      []string      // some of the ids
	first     string        // the first wrong answer, for the report
	creations *load.Tally   // right ones, and everything that went wrong
	refusals  *load.Tally   // right ones
}

// keepEvery says that one id in so many is kept.
const keepEvery = 50

func newWave(o *Options, url string) *wave {
	return &wave{Options: o, url: url, creations: load.NewTally(), refusals: load.NewTally()}
}

// run floods until the hold is over, or until sessions expire before the cap is reached.
func (w *wave) run(ctx context.Context) error {
	w.began = time.Now()
	var all sync.WaitGroup
	for range w.Connections {
		all.Go(func() {
			conn := load.Dial(w.url)
			defer conn.Close()
			for ctx.Err() == nil && !w.ended() {
				w.create(conn)
			}
		})
	}
	all.Wait()
	return ctx.Err()
}

func (w *wave) ended() bool {
	since := time.Since(w.began)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.full > 0 {
		return since > w.full+w.Hold
	}
	return since > w.Idle
}

// counts returns how many sessions were created and refused so far.
func (w *wave) counts() (created, refused int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.creations.Good, w.refusals.Good
}

// create asks for one session and judges the answer.
func (w *wave) create(conn *load.Conn) {
	took, err := conn.Get("/set/", "")
	created := err == nil && isSession(conn)
	refused := err == nil && conn.Answer.StatusCode() == http.StatusServiceUnavailable && len(conn.Answer.Header.Peek("Retry-After")) > 0
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err != nil:
		w.creations.Add(load.NoAnswer, took)
	case created:
		w.creations.Add(load.Good, took)
		if w.creations.Good%keepEvery == 1 {
			w.kept = append(w.kept, conn.SessionID())
		}
	case refused && w.mayRefuse():
		w.refusals.Add(load.Good, took)
		if w.full == 0 {
			w.full = max(1, time.Since(w.began))
		}
	default:
		w.creations.Add(load.Wrong, took)
		if w.first == "" {
			w.first = fmt.Sprintf("status %d, Retry-After %q, %d created: %.200q", conn.Answer.StatusCode(), conn.Answer.Header.Peek("Retry-After"), w.creations.Good, conn.Answer.Body())
		}
	}
}

// isSession reports whether the last answer created a session.
func isSession(conn *load.Conn) bool {
	return conn.Answer.StatusCode() == http.StatusOK && bytes.Contains(conn.Answer.Body(), []byte(load.CreatedMarker)) && conn.SessionID() != ""
}

// mayRefuse is false while there is room for all requests under way, beside the visitor's
// session. The caller holds the lock.
func (w *wave) mayRefuse() bool {
	return w.creations.Good+int64(w.Connections)+1 >= int64(w.Cap) || time.Since(w.began) >= w.Idle
}
