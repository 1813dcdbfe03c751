package scenario

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/bench/load"
)

// A wave is creations at full speed, until the server has refused them for as
// long as the options say.
//
// What is right: 200 with a session, never more of them than fit, as long as
// none can have expired; and 503 with Retry-After, but not while there is
// certainly room, the requests under way counted as sessions.
type wave struct {
	*Options
	url     string
	began   time.Time
	created atomic.Int64
	refused atomic.Int64
	wrong   atomic.Int64
	errors  atomic.Int64
	full    atomic.Int64 // nanoseconds after began of the first refusal; 0: none yet

	mu        sync.Mutex // protects what follows
	kept      []string   // some of the ids
	first     string     // the first wrong answer, for the report
	creations *load.Tally
	refusals  *load.Tally
}

// keepEvery is how many sessions are created for each whose id is kept.
const keepEvery = 50

func newWave(o *Options, url string) *wave {
	return &wave{Options: o, url: url, creations: load.NewTally(), refusals: load.NewTally()}
}

// run floods. It ends when the hold is over, or the cap was not reached while
// that was possible, or with the context.
func (w *wave) run(ctx context.Context) error {
	w.began = time.Now()
	var all sync.WaitGroup
	for range w.Connections {
		conn, err := load.Dial(w.url)
		if err != nil {
			return err
		}
		all.Go(func() {
			defer conn.Close()
			for ctx.Err() == nil && !w.over() {
				w.create(conn)
			}
		})
	}
	all.Wait()
	return ctx.Err()
}

func (w *wave) over() bool {
	since := time.Since(w.began)
	if full := time.Duration(w.full.Load()); full > 0 {
		return since > full+w.Hold
	}
	return since > w.Idle
}

// create asks for one session and judges the answer.
func (w *wave) create(conn *load.Conn) {
	took, err := conn.Get("/set/", "")
	switch {
	case err != nil:
		w.errors.Add(1)
	case isSession(conn):
		w.keep(w.created.Add(1), conn.SessionID(), took)
	case conn.Status() == 503 && conn.Header("Retry-After") != "" && w.mayRefuse():
		w.full.CompareAndSwap(0, int64(max(1, time.Since(w.began))))
		w.refused.Add(1)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.refusals.Add(load.Good, took)
	default:
		w.blame(conn)
	}
}

// isSession reports whether the last answer brings a session.
func isSession(conn *load.Conn) bool {
	return conn.Status() == 200 && bytes.Contains(conn.Body(), []byte(load.CreatedMarker)) && conn.SessionID() != ""
}

// mayRefuse is false while there is certainly room: fewer sessions than fit,
// were every request under way to become one. The visitor has one, too.
func (w *wave) mayRefuse() bool {
	return w.created.Load()+int64(w.Connections)+1 >= int64(w.Cap) || time.Since(w.began) >= w.Idle
}

// keep keeps some ids and every latency.
func (w *wave) keep(n int64, id string, took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.creations.Add(load.Good, took)
	if n%keepEvery == 1 {
		w.kept = append(w.kept, id)
	}
}

// blame counts a wrong answer and keeps the first one's words.
func (w *wave) blame(conn *load.Conn) {
	w.wrong.Add(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first == "" {
		w.first = fmt.Sprintf("status %d, Retry-After %q, %d created: %.200q", conn.Status(), conn.Header("Retry-After"), w.created.Load(), conn.Body())
	}
}
