package load

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Own is the client of closed loops for machines without wrk. It needs
// several times wrk's processor time, which on a small machine is taken from
// the server: compare its figures only with its own. In return it knows which
// answer belongs to which request, and only good answers enter a latency.
type Own struct{}

// Name is that of the flag.
func (Own) Name() string { return "own" }

// Run ends with the duration or the context.
func (Own) Run(ctx context.Context, l Load) (Result, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(l.Threads))
	ctx, cancel := context.WithTimeout(ctx, l.Duration)
	defer cancel()
	return While(l, func(int64) bool { return ctx.Err() == nil })
}

// While sends requests as fast as the connections allow. Each asks for the
// number of a request, from 0 on, whether to send it.
func While(l Load, another func(n int64) bool) (Result, error) {
	return loop(l, func(n int64) (time.Time, bool) { return time.Now(), another(n) })
}

// Each sends one request for every id of the load, without a limit of time:
// after it each session is known to be there or not.
func Each(ctx context.Context, l Load) (Result, error) {
	r, err := While(l, func(n int64) bool { return ctx.Err() == nil && n < int64(len(l.IDs)) })
	if err == nil {
		err = ctx.Err()
	}
	return r, err
}

// Paced is an open loop for any system: whichever connection is idle takes
// the next request, waits for its instant and sends it, and the latency
// counts from that instant. It sleeps as exactly as Go's timers do, which is a
// millisecond on an idle Linux; the lag in the result says how exact that was.
func Paced(ctx context.Context, l Load) (Result, error) {
	p, began := pace{l.Rate}, time.Now()
	last := p.count(l.Duration)
	r, err := loop(l, func(n int64) (time.Time, bool) {
		due := began.Add(p.at(n))
		if n >= last || ctx.Err() != nil {
			return due, false
		}
		if early := time.Until(due); early > 0 {
			time.Sleep(early) // a moment: connections / rate
		}
		return due, ctx.Err() == nil
	})
	if r.Open != nil {
		r.Open.Rate, r.Open.Scheduled = l.Rate, last
	}
	return r, err
}

// loop runs a worker for each connection until begin says that there is no
// request of that number. begin also says from when its latency counts.
func loop(l Load, begin func(n int64) (since time.Time, ok bool)) (Result, error) {
	workers := make([]*worker, l.Connections)
	for i := range workers {
		conn, err := Dial(l.URL)
		if err != nil {
			return Result{}, err
		}
		defer conn.Close()
		workers[i] = &worker{conn: conn, path: l.URL[len(conn.base):], tally: &Tally{times: newHistogram(l.behind())}}
		if l.Rate > 0 {
			workers[i].lags = newHistogram(l.behind())
		}
	}
	var turn atomic.Int64
	var all sync.WaitGroup
	started := time.Now()
	for _, w := range workers {
		all.Go(func() { w.run(l, &turn, begin) })
	}
	all.Wait()
	return addUp(workers, time.Since(started), l), nil
}

// behind is how far an open loop can fall behind its schedule.
func (l Load) behind() time.Duration {
	if l.Rate > 0 {
		return l.Duration
	}
	return 0
}

// A worker is one connection's loop.
type worker struct {
	conn   *Conn
	path   string
	tally  *Tally
	lags   *hdrhistogram.Histogram // microseconds by which a request left late
	waited int64
}

func (w *worker) run(l Load, turn *atomic.Int64, begin func(int64) (time.Time, bool)) {
	idle := time.Now()
	for {
		n := turn.Add(1) - 1
		since, ok := begin(n)
		if !ok {
			return
		}
		if l.Rate > 0 {
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

// late keeps by how much the client itself was late with a request.
func (w *worker) late(due, idle time.Time) {
	if idle.After(due) {
		w.waited++
		due = idle
	}
	observe(w.lags, time.Since(due))
}

// addUp merges what the workers counted.
func addUp(workers []*worker, took time.Duration, l Load) Result {
	sum, lags, waited := &Tally{times: newHistogram(l.behind())}, newHistogram(l.behind()), int64(0)
	for _, w := range workers {
		sum.Merge(w.tally)
		if w.lags != nil {
			lags.Merge(w.lags)
		}
		waited += w.waited
	}
	r := Result{Counts: sum.Counts, Seconds: took.Seconds(), Latency: sum.Latency()}
	if l.Rate > 0 {
		r.Open = &OpenResult{Waited: waited, Lag: percentiles(lags)}
	}
	return r
}
