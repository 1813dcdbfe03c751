package load

import (
	"context"
	"errors"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// An openLoop sends requests at a pace, whatever becomes of the answers.
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
// Each request ends as exactly one of good, expired, wrong and error, so
// these add up to what was scheduled. Only good answers have a latency. At
// the end of the schedule no more fall due, those that are waiting are still
// sent, and answers are awaited for AnswerTimeout; what is open then is an
// error. A request that hangs keeps its connection until then.
//
// One goroutine does it all: no handing over between a timer, a sender and
// readers, each of which would add its own scheduling to the figures. The
// price is that a send waits while an answer is parsed, some microseconds.
type openLoop struct {
	wires    wires
	clock    func() time.Duration // since the start
	pace     pace
	duration time.Duration
	request  requestBytes
	ids      []string
	expect   Expectation

	total  int64         // requests of the schedule
	next   int64         // the first that was not sent
	waited int64         // that were due while no connection was idle
	ended  int64         // that have their verdict
	last   time.Duration // when the last answer came

	conns []openConn
	idle  chan int                // connections without a request, idle for longest first
	tally *Tally                  // times are from the instant
	lags  *hdrhistogram.Histogram // microseconds, of every request that was sent
}

// wires are the connections of an open loop, by number. Nothing in it is for
// more than one goroutine.
type wires interface {
	// connect opens wire i, which is not open.
	connect(i int) error
	// drop closes wire i; one that is not open stays so.
	drop(i int)
	// send writes all of p at once or fails.
	send(i int, p []byte) error
	// receive reads what is there into p, perhaps nothing. The end of the
	// connection is an error.
	receive(i int, p []byte) (int, error)
	// wait returns, in ready's memory, the wires that have something to
	// read; none after a tick. A wire that broke has something to read.
	wait(ready []int) ([]int, error)
	// close drops them all, and what they have in common.
	close()
}

func newOpenLoop(l Load, w wires, clock func() time.Duration) (*openLoop, error) {
	request, err := newRequestBytes(l.URL)
	if err != nil {
		return nil, err
	}
	p := pace{l.Rate}
	return &openLoop{
		wires: w, clock: clock, pace: p, duration: l.Duration, request: request, ids: l.IDs, expect: l.Expect,
		total: p.count(l.Duration),
		conns: make([]openConn, l.Connections),
		idle:  make(chan int, l.Connections),
		tally: &Tally{times: newHistogram(l.Duration)},
		lags:  newHistogram(l.Duration),
	}, nil
}

// run is the loop. It ends with the schedule's last verdict, with the
// timeout after it, or with the context; a context leaves open requests uncounted.
func (o *openLoop) run(ctx context.Context) error {
	ready := make([]int, 0, len(o.conns))
	for o.ended < o.total && ctx.Err() == nil {
		now := o.clock()
		if now > o.duration+AnswerTimeout {
			o.fail(o.total - o.ended)
			return nil
		}
		o.sendDue(now)
		var err error
		if ready, err = o.wires.wait(ready[:0]); err != nil {
			return err
		}
		for _, i := range ready {
			o.sendDue(o.receive(i))
		}
	}
	return nil
}

// sendDue sends what has fallen due, as far as connections are idle.
func (o *openLoop) sendDue(now time.Duration) {
	for o.next < o.total && o.pace.at(o.next) <= now {
		select {
		case i := <-o.idle:
			o.send(i, now)
			now = o.clock()
		default:
			return
		}
	}
}

// send sends the next request, on a connection that is idle.
func (o *openLoop) send(i int, now time.Duration) {
	c := &o.conns[i]
	c.busy, c.in, c.due = true, c.in[:0], o.pace.at(o.next)
	if len(o.ids) > 0 {
		c.id = o.ids[int(o.next)%len(o.ids)]
	}
	o.next++
	if c.freed > c.due {
		o.waited++
	}
	observe(o.lags, lag(c.due, c.freed, now))
	err := o.connect(i)
	if err == nil {
		err = o.wires.send(i, o.request.with(c.id))
	}
	if err != nil {
		o.breakOff(i, now)
	}
}

// lag is by how much the client itself was late: a request can leave at its
// instant, or when a connection became idle where none was.
func lag(due, freed, sent time.Duration) time.Duration {
	return max(0, sent-max(due, freed))
}

// receive reads what came on a connection and returns the time after that.
func (o *openLoop) receive(i int) time.Duration {
	c := &o.conns[i]
	n, err := o.wires.receive(i, c.spare())
	now := o.clock()
	if n == 0 && err == nil {
		return now
	}
	if err != nil || !c.busy { // an idle one has nothing to say but that it ends
		o.breakOff(i, now)
		return now
	}
	c.in = c.in[:len(c.in)+n]
	a, err := parseResponse(c.in)
	switch {
	case errors.Is(err, errPartial):
	case err != nil:
		o.breakOff(i, now)
	default:
		o.judge(c, a, now)
		o.release(i, a.closing, now)
	}
	return now
}

// judge gives the request of a connection its verdict.
func (o *openLoop) judge(c *openConn, a answer, now time.Duration) {
	o.ended++
	o.last = now
	o.tally.Add(o.expect.Judge(a.status, a.body, a.setCookie, o.request.wanted(c.id)), now-c.due)
}

// fail counts requests that got no answer.
func (o *openLoop) fail(n int64) {
	o.ended += n
	o.tally.Errors += n
}

// result is what the loop gave. The seconds are the schedule's, or more where
// answers came after its end.
func (o *openLoop) result() Result {
	return Result{
		Counts: o.tally.Counts, Seconds: max(o.last, min(o.duration, o.clock())).Seconds(), Latency: o.tally.Latency(),
		Open: &OpenResult{Rate: o.pace.perSecond, Scheduled: o.total, Waited: o.waited, Lag: percentiles(o.lags)},
	}
}
