package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/report"
	"pagesession/storage"
)

// visits is the load, at a rate that leaves most of the machine free.
func (r *endingRun) visits() load.Load {
	l := r.refreshLoad(r.srv, r.staying)
	l.Rate = float64(r.Rate)
	return l
}

// quiet measures the visitors while no session is being ended.
func (r *endingRun) quiet(ctx context.Context, phase string) (report.Figures, error) {
	res := load.Open(ctx, r.visits())
	return r.took(phase, res), context.Cause(ctx)
}

// took adds the measurement of a phase to the report, and returns its figures.
func (r *endingRun) took(phase string, res load.Result) report.Figures {
	m := report.Measurement{Measure: measureEnding, Subject: phase, Round: r.round}
	m.Take(res)
	if res.Lag != nil {
		m.Figures[lagP999] = res.Lag.P999
	}
	r.Report.Measurements = append(r.Report.Measurements, m)
	r.Report.Blame(!res.Flawless(), "round %d, %s: %s", r.round, phase, res.Counts)
	fmt.Fprintf(r.progress, "[%d/%d] %s: %s\n", r.round, r.Rounds, phase, res.Latency)
	return m.Figures
}

// end lets the operator end all sessions that match, and measures the visitors from the
// submit until the console says that it is done.
func (r *endingRun) end(ctx context.Context) (report.Figures, error) {
	form, err := r.operator.endForm(ctx, leavingName)
	if err != nil {
		return nil, err
	}
	r.Report.Blame(form.found != r.Sessions, "round %d: the console finds %d sessions; %d were planted", r.round, form.found, r.Sessions)
	before, err := r.srv.Usage()
	if err != nil {
		return nil, err
	}
	res, ended, took, err := r.endUnderLoad(ctx, form)
	after, usageErr := r.srv.Usage()
	if err := errors.Join(err, usageErr); err != nil {
		return nil, err
	}
	figures := r.took(endingDuring, res)
	figures[endingSeconds], figures[endsPerSecond] = took.Seconds(), float64(ended)/took.Seconds()
	figures[cpuPercent] = 100 * (after.CPU - before.CPU).Seconds() / took.Seconds()
	figures[report.Memory], figures[report.File] = float64(after.RSS), float64(after.File)
	r.Report.Blame(ended != r.Sessions, "round %d: the console says that %d of %d sessions have ended", r.round, ended, r.Sessions)
	return figures, nil
}

// endUnderLoad submits the form and waits, while the visitors go on.
func (r *endingRun) endUnderLoad(ctx context.Context, form endForm) (res load.Result, ended int, took time.Duration, err error) {
	limit := endingLimit(r.Sessions)
	within, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the sessions have not ended within %s", limit))
	defer cancel()
	loading, done := context.WithCancel(within)
	defer done()
	l, loaded := r.visits(), make(chan load.Result, 1)
	l.Duration = limit
	began := time.Now()
	go func() { loaded <- load.Open(loading, l) }()
	ended, err = r.operator.endAll(within, form)
	took = time.Since(began)
	done()
	res = <-loaded
	res.Scheduled = res.Answered() + res.Errors // the rest of the limit was never due
	return res, ended, took, err
}

// endingLimit is how long the end of that many sessions may take: 50 times what a quiet
// machine needs.
func endingLimit(sessions int) time.Duration {
	return time.Minute + time.Duration(sessions)*2*time.Millisecond
}

// isGone reports whether a state is that of an ended session. Of more than a store remembers the
// first ones are forgotten.
func (r *endingRun) isGone(state string) bool {
	return state == load.StateEnded || state == load.StateNone && r.Sessions > storage.ConfigDefault.MaxEnded
}

// check asks the console and the visitors which sessions are live now.
func (r *endingRun) check(ctx context.Context) (err error) {
	page, err := r.operator.read(ctx, endingPath)
	if err != nil {
		return err
	}
	if r.live, err = r.operator.live(ctx); err != nil {
		return err
	}
	visitor := load.Dial(r.srv.URL)
	defer visitor.Close()
	revived := 0
	for _, id := range r.gone {
		if _, err := visitor.Get("/session/", id); err != nil {
			return fmt.Errorf("ask for a session that was ended: %w", err)
		}
		if state, err := visitor.State(); err != nil || !r.isGone(state) { // an error: it is live, with its own name
			revived++
		}
	}
	r.blame(page, revived)
	return nil
}
