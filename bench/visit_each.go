package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// visitEach visits every id of the load once, with all its connections and
// without a limit of time, and judges the answers: after it, each session is
// known to be there or not.
func visitEach(ctx context.Context, l load) (result, error) {
	var begun atomic.Int64
	r, err := visitWhile(l, func() bool { return ctx.Err() == nil && begun.Add(1) <= int64(len(l.ids)) })
	return r, errors.Join(err, ctx.Err())
}

// flawless reports whether every request was answered rightly.
func (r result) flawless() bool { return r.Good > 0 && r.Errors+r.Expired+r.Wrong == 0 }

// counts writes how many answers were what.
func (r result) counts() string {
	return fmt.Sprintf("%d good, %d errors, %d expired, %d wrong", r.Good, r.Errors, r.Expired, r.Wrong)
}

// p99 is 0 where there is no latency.
func (r result) p99() float64 {
	if r.Latency == nil {
		return 0
	}
	return r.Latency.P99
}
