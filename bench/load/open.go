package load

import (
	"context"
	"time"
)

// Open sends requests at the load's rate, whatever becomes of the answers.
//
// In a closed loop a stall is seen only by as many requests as there are
// connections. Here every request has an instant, fixed before the load begins,
// and its latency counts from that instant:
//
//   - A request that is due takes an idle connection, or waits for one in order.
//     That wait is the server's, and in the latency.
//   - A request that leaves late although a connection was idle is the client's
//     fault. That is in the latency too, and also in the lag, so that a report
//     can say who was slow.
//
// Good, expired, wrong and errors add up to what was scheduled. Requests that
// still wait AnswerTimeout after the end of the schedule are errors. When the
// context ends, no more fall due.
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

// A pace is a fixed number of requests a second, evenly spaced, the first at once.
type pace struct{ perSecond float64 }

// release hands out the requests at their instants, then closes due.
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

// at is the instant of request n, counted from 0, after the start.
func (p pace) at(n int64) time.Duration {
	return time.Duration(float64(n) / p.perSecond * float64(time.Second))
}

// count is how many requests have their instant before d.
func (p pace) count(d time.Duration) int64 {
	n := int64(d.Seconds() * p.perSecond)
	for p.at(n) < d {
		n++
	}
	for n > 0 && p.at(n-1) >= d { // rounded up above
		n--
	}
	return n
}
