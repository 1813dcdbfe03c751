package main

import (
	"context"
	"fmt"
	"os"
)

// everything takes the loads while a session of the product idles beside
// them. Where floors are generous, one that is missed is tried once more.
func (b *bench) everything(ctx context.Context) (report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch, err := b.watchIdle(ctx)
	if err != nil {
		return report{}, err
	}
	runs, err := b.runAll(ctx, plan(measures(b.opt), b.opt.rounds))
	if err == nil {
		runs, err = b.runOpen(ctx, runs)
	}
	rep := newReport(b.opt, runs)
	if err == nil && b.opt.generous && rep.onlyFloorsMissed() {
		rep, err = b.again(ctx, rep)
	}
	if err != nil {
		cancel() // and do not wait for the idle session's time
	}
	if watch != nil {
		if err == nil {
			fmt.Fprintln(os.Stderr, "waiting for the idle session to end")
		}
		idle := watch.end()
		rep.Idle = &idle
	}
	return rep, err
}

// watchIdle starts the idle session, which also gives the answer to repeat; nil
// where that is not wanted, or ours does not run.
func (b *bench) watchIdle(ctx context.Context) (watch *idleWatch, err error) {
	if !b.opt.idle || b.workshop.product == "" {
		return nil, nil
	}
	watch, b.workshop.answer, err = startIdleWatch(ctx, b.workshop, b.dir)
	if err != nil {
		return nil, fmt.Errorf("start the idle session: %w", err)
	}
	return watch, nil
}

// again takes the measures in which a floor was missed once more, with all
// their peers, and judges them by that alone: on a busy machine a few seconds
// can be anybody's, and ours then must not be held against a peer of now.
func (b *bench) again(ctx context.Context, first report) (report, error) {
	var steps []step
	for _, s := range plan(measures(b.opt), b.opt.rounds) {
		if first.missed(s.measure.name) {
			steps = append(steps, s)
		}
	}
	fmt.Fprintln(os.Stderr, "a floor was missed: once more")
	runs, err := b.runAll(ctx, steps)
	for _, r := range first.Runs {
		if !first.missed(r.Measure) {
			runs = append(runs, r)
		}
	}
	rep := newReport(b.opt, runs)
	for _, c := range first.Comparisons {
		if c.Missed {
			rep.Notes = append(rep.Notes, fmt.Sprintf("%s against %s at first: %s", c.Measure, c.Peer, c.verdict()))
		}
	}
	return rep, err
}
