package load

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Own returns the bench's own client of closed loops. It takes several times wrk's processor
// time, and knows which answer belongs to which request.
func Own() Client { return Client{"own", runOwn} }

func runOwn(ctx context.Context, l Load) (Result, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(l.Threads))
	ctx, cancel := context.WithTimeout(ctx, l.Duration)
	defer cancel()
	return While(l, func(int64) bool { return ctx.Err() == nil }), nil
}

// While sends requests as fast as it can, as long as another returns true for the next
// request's number, which starts at 0.
func While(l Load, another func(n int64) bool) Result {
	var turn atomic.Int64
	return loop(l, newWorkers(l), func() (int64, time.Time, bool) {
		n := turn.Add(1) - 1
		return n, time.Now(), another(n)
	})
}

// Each sends one request with each id of the load, however long that takes.
func Each(ctx context.Context, l Load) (Result, error) {
	r := While(l, func(n int64) bool { return ctx.Err() == nil && n < int64(len(l.IDs)) })
	return r, ctx.Err()
}

// A worker is one connection's loop.
type worker struct {
	conn   *Conn
	path   string
	tally  *Tally
	lags   *hdrhistogram.Histogram // microseconds by which the client sent requests late
	waited int64
}

// newWorkers returns a worker for each connection.
func newWorkers(l Load) []*worker {
	workers := make([]*worker, l.Connections)
	for i := range workers {
		workers[i] = l.worker(Dial(l.URL))
	}
	return workers
}

// worker returns a worker whose histograms have room for a wait of the whole duration.
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

// loop runs the workers until next has no more requests, and closes the connections. A
// request's latency counts from since.
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

// late records how late the client sends a request: after the instant at which it was due,
// or after its connection became idle.
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
	return Result{
		Counts: sum.tally.Counts, Seconds: took.Seconds(), Latency: sum.tally.Latency(),
		Waited: sum.waited, Lag: percentiles(sum.lags),
	}
}

// Open sends requests at the load's rate, however slowly the server answers.
//
// In a closed loop a stall meets only as many requests as there are connections.
// Here every request has an instant, fixed before the load begins, and its latency
// counts from that instant:
//
//   - A request that is due takes an idle connection, or waits for one in order.
//     The server causes that wait, which is part of the latency.
//   - A request that leaves late although a connection was idle is the client's
//     fault. That delay is part of the latency and of the lag, so that a report
//     can say who was slow.
//
// Good, expired, wrong and errors add up to Scheduled, unless the context ends:
// then the rest is never sent. Requests that still wait AnswerTimeout after the
// end of the schedule are errors.
func Open(ctx context.Context, l Load) Result {
	p, began := pace{l.Rate}, time.Now()
	total, due := p.count(l.Duration), make(chan int64, l.Connections)
	go p.release(ctx, began, total, due)
	r := loop(l, newWorkers(l), func() (int64, time.Time, bool) {
		n, ok := <-due
		return n, began.Add(p.at(n)), ok
	})
	r.Asked, r.Scheduled = l.Rate, total
	return r
}

// A pace is a fixed number of requests a second, evenly spaced, the first at once.
type pace struct{ perSecond float64 }

// release sends each request's number at its instant, then closes due.
func (p pace) release(ctx context.Context, began time.Time, total int64, due chan<- int64) {
	defer close(due)
	for n := range total {
		sleepUntil(began.Add(p.at(n)))
		if ctx.Err() != nil {
			return
		}
		due <- n
	}
}

// at returns the instant of request n, the first being 0, after the start.
func (p pace) at(n int64) time.Duration {
	return time.Duration(float64(n) / p.perSecond * float64(time.Second))
}

// count returns how many requests have their instant before d.
func (p pace) count(d time.Duration) int64 {
	n := int64(d.Seconds() * p.perSecond)
	for p.at(n) < d {
		n++
	}
	for n > 0 && p.at(n-1) >= d { // rounding made one too many
		n--
	}
	return n
}
