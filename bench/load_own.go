package main

import (
	"context"
	"fmt"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/valyala/fasthttp"
)

// ownClient is the client for machines without wrk. It needs several times
// wrk's CPU, which on a small machine is taken from the server: compare its
// figures only with its own. In return it knows which answer belongs to
// which request: an answer with somebody else's id is wrong, and only good
// answers enter a latency.
type ownClient struct{}

func (ownClient) name() string { return "own" }

// run ends with the duration or the context; each answer is bounded.
func (ownClient) run(ctx context.Context, l load) (result, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(l.threads))
	ctx, cancel := context.WithTimeout(ctx, l.duration)
	defer cancel()
	return visitWhile(l, func() bool { return ctx.Err() == nil })
}

// visitWhile visits the ids of a load with a worker for each connection. Each
// worker asks before a visit whether there is another one.
func visitWhile(l load, another func() bool) (result, error) {
	target, err := url.Parse(l.url)
	if err != nil {
		return result{}, fmt.Errorf("load: %w", err)
	}
	http := newHTTPClient(target.Host, l.connections)
	defer http.CloseIdleConnections()
	workers := make([]*ownWorker, l.connections)
	var turn atomic.Int64 // whose id is next
	var all sync.WaitGroup
	started := time.Now()
	for i := range workers {
		workers[i] = newOwnWorker(http, l, &turn)
		all.Go(func() {
			for another() {
				workers[i].visit()
			}
		})
	}
	all.Wait()
	return addUp(workers, time.Since(started)), nil
}

// newHTTPClient returns a client that never asks twice by itself: a request
// that failed is to be counted, not hidden.
func newHTTPClient(addr string, connections int) *fasthttp.HostClient {
	return &fasthttp.HostClient{
		Addr:                      addr,
		MaxConns:                  connections,
		MaxIdemponentCallAttempts: 1,
		ReadTimeout:               answerPatience,
		WriteTimeout:              answerPatience,
		NoDefaultUserAgentHeader:  true,
	}
}

// An ownWorker is one connection's loop. Nothing in it is shared but turn.
type ownWorker struct {
	http  *fasthttp.HostClient
	load  load
	turn  *atomic.Int64
	req   *fasthttp.Request
	resp  *fasthttp.Response
	want  []byte // what a good Set-Cookie begins with
	count result
	times *hdrhistogram.Histogram // microseconds, of good answers
}

func newOwnWorker(http *fasthttp.HostClient, l load, turn *atomic.Int64) *ownWorker {
	w := &ownWorker{http: http, load: l, turn: turn, times: newHistogram(),
		req: &fasthttp.Request{}, resp: &fasthttp.Response{}}
	w.req.SetRequestURI(l.url)
	return w
}

// newHistogram goes from a microsecond to twice the patience, to 0.1 %.
func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, (2 * answerPatience).Microseconds(), 3)
}

// visit sends one request and counts its answer.
func (w *ownWorker) visit() {
	w.nextID()
	began := time.Now()
	err := w.http.Do(w.req, w.resp)
	took := time.Since(began)
	if err != nil {
		w.count.Errors++
		time.Sleep(5 * time.Millisecond) // a dead server must not cost us a core
		return
	}
	switch w.load.expect.judge(w.resp.StatusCode(), w.resp.Body(), w.resp.Header.PeekCookie(cookieName), w.want) {
	case answerGood:
		w.count.Good++
		_ = w.times.RecordValue(took.Microseconds()) // out of range cannot be: the patience is shorter
	case answerExpired:
		w.count.Expired++
	default:
		w.count.Wrong++
	}
}

// nextID takes the next id in turn, so that each is visited as often as any.
func (w *ownWorker) nextID() {
	if len(w.load.ids) == 0 {
		w.want = append(w.want[:0], cookieName+"="...)
		return
	}
	id := w.load.ids[int(w.turn.Add(1)-1)%len(w.load.ids)]
	w.req.Header.SetCookie(cookieName, id)
	w.want = append(append(w.want[:0], cookieName+"="...), id...)
}

// addUp merges what the workers counted.
func addUp(workers []*ownWorker, took time.Duration) result {
	sum := result{Seconds: took.Seconds()}
	times := newHistogram()
	for _, w := range workers {
		sum.Good += w.count.Good
		sum.Expired += w.count.Expired
		sum.Wrong += w.count.Wrong
		sum.Errors += w.count.Errors
		times.Merge(w.times)
	}
	if sum.Good > 0 {
		sum.Latency = percentiles(times)
	}
	return sum
}

// percentiles reads a histogram of microseconds.
func percentiles(times *hdrhistogram.Histogram) *latency {
	at := func(percent float64) float64 { return float64(times.ValueAtQuantile(percent)) / 1e3 }
	return &latency{P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: float64(times.Max()) / 1e3}
}
