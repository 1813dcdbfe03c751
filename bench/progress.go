package main

import (
	"fmt"
	"io"
	"time"
)

// A progress tells what runs and how long it will still take.
type progress struct {
	out   io.Writer
	total int
	done  int
	began time.Time
	guess time.Duration // of one step, before any was measured
}

// stepOverhead is what a step takes beside the load: starting, seeding,
// stopping. A guess for the first line only.
const stepOverhead = time.Second

func newProgress(out io.Writer, total int, load time.Duration) *progress {
	return &progress{out: out, total: total, began: time.Now(), guess: load + stepOverhead}
}

// begin prints the line of a step.
func (p *progress) begin(s step) {
	fmt.Fprintf(p.out, "[%d/%d] round %d of %d: %s %s for %s, about %s left\n",
		p.done+1, p.total, s.round, s.rounds, s.measure.name, s.peer.name, s.measure.duration,
		p.left(time.Since(p.began)).Round(time.Second))
}

// left is the time to the end after that much of it.
func (p *progress) left(elapsed time.Duration) time.Duration {
	each := p.guess
	if p.done > 0 {
		each = elapsed / time.Duration(p.done)
	}
	return each * time.Duration(p.total-p.done)
}

// end prints what the step gave.
func (p *progress) end(r run) {
	p.done++
	fmt.Fprintf(p.out, "      %.0f requests/s", r.rate())
	if failures := r.Errors + r.Expired + r.Wrong; failures > 0 {
		fmt.Fprintf(p.out, ", %d failed", failures)
	}
	for _, c := range r.Crashes {
		fmt.Fprintf(p.out, ", crashed after %d requests", c.After)
	}
	fmt.Fprintln(p.out)
}
