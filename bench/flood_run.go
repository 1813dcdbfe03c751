package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// A floodSample is one second of the flood and of the quiet after it.
type floodSample struct {
	sample
	Phase     string  `json:"phase"` // flood or quiet
	Created   int64   `json:"created"`
	Refused   int64   `json:"refused"`
	VisitorMS float64 `json:"visitor_ms"` // how long the visitor waited for the page
	Live      bool    `json:"visitor_live"`
	Ready     bool    `json:"ready"`
}

// The phases.
const (
	phaseFlood = "flood"
	phaseQuiet = "quiet"
)

// recreated is how many sessions are created after the quiet, to see that
// there is room again.
const recreated = 100

// A flood is the trial under way.
type flood struct {
	trial
	opt     floodOptions
	srv     server
	wave    *wave
	visitor *visitor
	began   time.Time
	report  floodReport
}

// runFlood floods a fresh product, waits, and looks what is left.
func runFlood(ctx context.Context, opt floodOptions, t trial) (floodReport, error) {
	srv, err := startProduct(ctx, t.workshop, t.dir,
		"--max-sessions", strconv.Itoa(opt.cap), "--idle-timeout", opt.idle.String())
	if err != nil {
		return floodReport{}, err
	}
	f := &flood{trial: t, opt: opt, srv: srv, wave: newWave(opt, srv.url), report: newFloodReport(t.heading, opt)}
	err = f.run(ctx)
	if !srv.alive() {
		f.report.Crash, err = srv.cause(), nil // a crash is a result
	} else {
		err = srv.finish(ctx, err)
	}
	return f.report, err
}

func (f *flood) run(ctx context.Context) error {
	alive, stop := f.srv.whileAlive(ctx)
	defer stop()
	var err error
	if f.visitor, err = newVisitor(f.srv.url); err != nil {
		return err
	}
	f.began = time.Now()
	if err := f.phase(alive, phaseFlood, f.wave.run); err != nil {
		return err
	}
	f.report.tell(f.wave)
	err = f.phase(alive, phaseQuiet, func(ctx context.Context) error {
		select {
		case <-time.After(f.opt.quiet):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	if err != nil {
		return err
	}
	return f.aftermath()
}

// phase runs do, and the samples and the visitor beside it.
func (f *flood) phase(ctx context.Context, name string, do func(context.Context) error) error {
	looking, done := context.WithCancel(ctx)
	defer done()
	looked := make(chan error, 1)
	go func() { looked <- every(looking, f.opt.every, func() error { return f.look(name) }) }()
	err := do(ctx)
	done()
	return errors.Join(err, <-looked)
}

// look takes one sample.
func (f *flood) look(phase string) error {
	took, live := f.visitor.look()
	s := floodSample{
		Phase: phase, VisitorMS: took.Seconds() * 1e3, Live: live, Ready: f.visitor.ready(),
		Created: f.wave.created.Load(), Refused: f.wave.refused.Load(),
	}
	var err error
	if s.sample, err = takeSample(f.srv, f.dir, f.began); err != nil {
		return err
	}
	f.report.Samples = append(f.report.Samples, s)
	fmt.Fprintf(f.progress, "%5.0f s %s: %d created, %d refused, memory %.1f MiB, file %.1f MiB%s\n", s.Second, phase,
		s.Created, s.Refused, float64(s.RSS)/(1<<20), float64(s.File)/(1<<20), f.leftOf(phase))
	return nil
}

// leftOf says how long still.
func (f *flood) leftOf(phase string) string {
	if phase == phaseFlood {
		return fmt.Sprintf(", at most %s of flood and %s of quiet left", (f.opt.idle + f.opt.hold - time.Since(f.began)).Round(time.Second), f.opt.quiet)
	}
	over := f.wave.began.Add(time.Duration(f.wave.full.Load()) + f.opt.hold + f.opt.quiet)
	return fmt.Sprintf(", about %s left", time.Until(over).Round(time.Second))
}

// aftermath looks whether the flooded sessions are gone, and whether there is
// room for new ones.
func (f *flood) aftermath() error {
	for _, id := range f.wave.kept {
		state, err := peekState(f.visitor.worker.http, f.srv.url, id)
		if err != nil {
			return err
		}
		f.report.Checked++
		if state == stateLive {
			f.report.StillLive++
		}
	}
	for range min(recreated, f.opt.cap-1) {
		if _, err := createOne(f.visitor.worker.http, f.srv.url+"/set/"); err == nil {
			f.report.Recreated++
		}
	}
	return nil
}
