package load

import (
	"context"
	"time"
)

// Open sends requests at the load's rate, whatever becomes of the answers.
//
// A closed loop hides a stall: while the server stands still no request is sent, so
// only as many requests as there are connections see it, whereas visitors
// would have kept coming. Here every request has an instant, fixed before the
// load begins, and its latency counts from that instant:
//
//   - A request that is due takes the connection that is idle for longest.
//   - Where none is idle it waits, in order, and its wait is latency: it is
//     the server that has not answered on any.
//   - Where one was idle and the request left late all the same, it was the
//     client that was late. That is latency too, since the bench cannot tell what
//     the server would have done in time; but it is recorded a second time,
//     as lag, so that a report can say who was slow.
//
// Each request ends as exactly one of good, expired, wrong and error, so these add
// up to what was scheduled. Requests that are still waiting AnswerTimeout
// after the end of the schedule are errors. When the context ends, no more fall due.
func Open(ctx context.Context, l Load) (Result, error) {
	workers, err := newWorkers(l)
	if err != nil {
		return Result{}, err
	}
	p, began := pace{l.Rate}, time.Now()
	total, due := p.count(l.Duration), make(chan int64, l.Connections)
	go p.release(ctx, began, total, due)
	r := loop(l, workers, func() (int64, time.Time, bool) {
		n, ok := <-due
		return n, began.Add(p.at(n)), ok
	})
	r.Open.Rate, r.Open.Scheduled = l.Rate, total
	return r, nil
}

// release hands out the requests at their instants and closes due after the
// last, or with the context. A receiver has to read until then.
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
