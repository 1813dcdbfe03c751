package load

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Own is the client of closed loops for machines without wrk, of which it takes several
// times the processor time. It knows which answer belongs to which request.
func Own() Client { return Client{"own", runOwn} }

func runOwn(ctx context.Context, l Load) (Result, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(l.Threads))
	ctx, cancel := context.WithTimeout(ctx, l.Duration)
	defer cancel()
	return While(l, func(int64) bool { return ctx.Err() == nil })
}

// While sends requests, from number 0 on, as fast as it can while another says so.
func While(l Load, another func(n int64) bool) (Result, error) {
	workers, err := newWorkers(l)
	if err != nil {
		return Result{}, err
	}
	var turn atomic.Int64
	return loop(l, workers, func() (int64, time.Time, bool) {
		n := turn.Add(1) - 1
		return n, time.Now(), another(n)
	}), nil
}

// Each sends one request for every id of the load, however long that takes.
func Each(ctx context.Context, l Load) (Result, error) {
	r, err := While(l, func(n int64) bool { return ctx.Err() == nil && n < int64(len(l.IDs)) })
	return r, errors.Join(err, ctx.Err())
}

// A worker is one connection's loop.
type worker struct {
	conn   *Conn
	path   string
	tally  *Tally
	lags   *hdrhistogram.Histogram // microseconds by which a request of an open loop left late
	waited int64
}

// newWorkers prepares one for each connection.
func newWorkers(l Load) ([]*worker, error) {
	workers := make([]*worker, l.Connections)
	for i := range workers {
		conn, err := Dial(l.URL)
		if err != nil {
			return nil, err
		}
		workers[i] = l.worker(conn)
	}
	return workers, nil
}

// worker makes one whose histograms hold a wait of the whole duration.
func (l Load) worker(conn *Conn) *worker {
	w := &worker{conn: conn, tally: NewTally(), lags: newHistogram(l.Duration)}
	if conn != nil {
		w.path = l.URL[len(conn.base):]
	}
	if l.Rate > 0 {
		w.tally.times = newHistogram(l.Duration)
	}
	return w
}

// loop runs the workers until next has no more requests, and closes the connections.
func loop(l Load, workers []*worker, next func() (n int64, since time.Time, ok bool)) Result {
	var all sync.WaitGroup
	started := time.Now()
	for _, w := range workers {
		all.Go(func() { w.run(l, started, next) })
	}
	all.Wait()
	return addUp(workers, time.Since(started), l)
}

func (w *worker) run(l Load, started time.Time, next func() (int64, time.Time, bool)) {
	defer w.conn.Close()
	idle := started
	for n, since, ok := next(); ok; n, since, ok = next() {
		if l.Rate > 0 {
			if time.Since(started) > l.Duration+AnswerTimeout {
				w.tally.Add(NoAnswer, 0)
				continue
			}
			w.late(since, idle)
		}
		id := ""
		if len(l.IDs) > 0 {
			id = l.IDs[int(n)%len(l.IDs)]
		}
		v := NoAnswer
		_, err := w.conn.Get(w.path, id)
		idle = time.Now()
		if err == nil {
			v = w.conn.Judge(l.Expect)
		}
		w.tally.Add(v, idle.Sub(since))
	}
}

// late keeps by how much the client was late, after the instant or an idle connection.
func (w *worker) late(due, idle time.Time) {
	if idle.After(due) {
		w.waited++
		due = idle
	}
	observe(w.lags, time.Since(due))
}

// addUp merges what the workers counted.
func addUp(workers []*worker, took time.Duration, l Load) Result {
	sum := l.worker(nil)
	for _, w := range workers {
		sum.tally.Merge(w.tally)
		sum.lags.Merge(w.lags)
		sum.waited += w.waited
	}
	r := Result{Counts: sum.tally.Counts, Seconds: took.Seconds(), Latency: sum.tally.Latency()}
	if l.Rate > 0 {
		r.Open = &OpenResult{Waited: sum.waited, Lag: percentiles(sum.lags)}
	}
	return r
}
