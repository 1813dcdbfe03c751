package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/valyala/fasthttp"
)

// A wave is creations at full speed, until the server has refused them for as
// long as the options say.
//
// What is right: 200 with a session, never more of them than fit, as long as
// none can have expired; and 503 with Retry-After, but not while there is
// certainly room, the requests under way counted as sessions.
type wave struct {
	opt     floodOptions
	url     string
	began   time.Time
	created atomic.Int64
	refused atomic.Int64
	wrong   atomic.Int64
	errors  atomic.Int64
	full    atomic.Int64 // nanoseconds after began of the first refusal; 0: none yet

	mu    sync.Mutex // protects what follows
	kept  []string   // some of the ids
	first string     // the first wrong answer, for the report
	times *hdrhistogram.Histogram
	says  *hdrhistogram.Histogram
}

// keepEvery is how many sessions are created for each whose id is kept.
const keepEvery = 50

func newWave(opt floodOptions, url string) *wave {
	return &wave{opt: opt, url: url, times: newHistogram(), says: newHistogram()}
}

// run floods. It ends when the hold is over, or the cap was not reached while
// that was possible, or with the context.
func (w *wave) run(ctx context.Context) error {
	target, err := url.Parse(w.url)
	if err != nil {
		return fmt.Errorf("flood: %w", err)
	}
	http := newHTTPClient(target.Host, w.opt.connections)
	defer http.CloseIdleConnections()
	w.began = time.Now()
	var all sync.WaitGroup
	for range w.opt.connections {
		all.Go(func() {
			req, resp := &fasthttp.Request{}, &fasthttp.Response{}
			req.SetRequestURI(w.url + "/set/")
			for ctx.Err() == nil && !w.over() {
				w.create(http, req, resp)
			}
		})
	}
	all.Wait()
	return ctx.Err()
}

func (w *wave) over() bool {
	since := time.Since(w.began)
	if full := time.Duration(w.full.Load()); full > 0 {
		return since > full+w.opt.hold
	}
	return since > w.opt.idle
}

// create asks for one session and judges the answer.
func (w *wave) create(http *fasthttp.HostClient, req *fasthttp.Request, resp *fasthttp.Response) {
	began := time.Now()
	if err := http.Do(req, resp); err != nil {
		w.errors.Add(1)
		time.Sleep(5 * time.Millisecond) // a dead server must not cost us a core
		return
	}
	took := time.Since(began)
	switch status := resp.StatusCode(); {
	case status == fasthttp.StatusOK && w.isSession(resp):
		w.hold(w.created.Add(1), cookieValue(resp.Header.PeekCookie(cookieName)), took)
	case status == fasthttp.StatusServiceUnavailable && len(resp.Header.Peek("Retry-After")) > 0 && w.mayRefuse():
		w.full.CompareAndSwap(0, int64(max(1, time.Since(w.began))))
		w.refused.Add(1)
		w.note(w.says, took)
	default:
		w.blame(resp)
	}
}

// isSession reports whether the answer brings a session.
func (w *wave) isSession(resp *fasthttp.Response) bool {
	return bytes.Contains(resp.Body(), []byte(createdMarker)) && cookieValue(resp.Header.PeekCookie(cookieName)) != ""
}

// mayRefuse is false while there is certainly room: fewer sessions than fit,
// were every request under way to become one. The visitor has one, too.
func (w *wave) mayRefuse() bool {
	return w.created.Load()+int64(w.opt.connections)+1 >= int64(w.opt.cap) || time.Since(w.began) >= w.opt.idle
}

// hold keeps some ids and every latency.
func (w *wave) hold(n int64, id string, took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.times.RecordValue(took.Microseconds()) // within the patience
	if n%keepEvery == 1 {
		w.kept = append(w.kept, id)
	}
}

func (w *wave) note(times *hdrhistogram.Histogram, took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = times.RecordValue(took.Microseconds()) // within the patience
}

// blame counts a wrong answer and keeps the first one's words.
func (w *wave) blame(resp *fasthttp.Response) {
	w.wrong.Add(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first == "" {
		w.first = fmt.Sprintf("status %d, Retry-After %q, %d created: %.200q",
			resp.StatusCode(), resp.Header.Peek("Retry-After"), w.created.Load(), resp.Body())
	}
}
