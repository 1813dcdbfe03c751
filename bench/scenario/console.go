package scenario

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

const measureConsole = "console"

// What the operator does while visitors are measured.
const (
	consoleAlone     = "no operator"
	consoleList      = "a page of the list"
	consoleDashboard = "dashboards opened"
)

// consoleTurn is the order of the windows; it repeats.
func consoleTurn() []string {
	return []string{consoleAlone, consoleList, consoleAlone, consoleDashboard}
}

// Figures of a window. The first two are ratios to the mean of the two windows around it.
const (
	rateByAlone = "rate_by_alone"
	cpuByAlone  = "cpu_by_alone"
	listMS      = "list_ms"
)

func consoleScenario() Scenario {
	floor := func(subject string, limit float64) report.Floor {
		return report.Floor{What: measureConsole, Measure: measureConsole, Figure: rateByAlone, Subject: subject, Limit: limit}
	}
	return Scenario{
		Name:  "console",
		About: "what operators in the console cost visitors",
		Defaults: func(o *Options) {
			o.Sessions, o.Visited, o.Rounds, o.Window, o.Dashboards = 1_000_000, 10_000, 60, time.Second, 1
		},
		Flags: "sessions visited rounds window connections dashboards seed no-floors results",
		Check: func(o *Options) error {
			if o.Visited > o.Sessions {
				return fmt.Errorf("-visited %d is more than -sessions", o.Visited)
			}
			return nil
		},
		Run: runConsole, Floors: []report.Floor{floor(consoleList, 0.95), floor(consoleDashboard, 0.98)},
		Show: func(o *Options, r *report.Report) {
			r.About.Add("own client, %d connections without a pause, windows of %s, %d of each kind, medians (min..max); %d live sessions; dashboards at once: %d",
				o.Connections, o.Window, o.Rounds, o.Sessions, o.Dashboards)
			r.Tables = []report.Table{{Title: "visitors beside operators", Measure: measureConsole, Subject: "in the window", Columns: []report.Column{
				{Title: "GET /get/ requests/s", Figure: report.Rate}, {Title: "server CPU us/request", Figure: report.CPU, Digits: 2},
				{Title: "rate/alone", Figure: rateByAlone, Digits: 3}, {Title: "floor", Ratio: rateByAlone},
				{Title: "CPU/alone", Figure: cpuByAlone, Digits: 3}, {Title: "list ms", Figure: listMS},
			}}}
			r.Charts = []report.Chart{{
				File: "console.svg", Title: "Refreshes beside operators", Subtitle: fmt.Sprintf("%s live sessions, own client", report.Number(float64(o.Sessions))),
				Measure: measureConsole, Bars: true, YTitles: []string{"requests/s"}, Lines: []report.Line{{Figure: report.Rate}},
			}}
		},
	}
}

// A consoleRun is one run of the scenario.
type consoleRun struct {
	*Bench
	srv      peer.Server
	operator *operator
	asked    atomic.Int64 // requests that visitors have begun
}

// runConsole measures visitors beside operators, on one product.
func runConsole(ctx context.Context, b *Bench) error {
	r := &consoleRun{Bench: b}
	ids, err := b.writeSessions(ctx, b.dir, b.Sessions, peer.LongLife())
	if err != nil {
		return err
	}
	password, err := createOperator(ctx, b.Workshop, b.dir)
	if err != nil {
		return err
	}
	_, err = b.life(ctx, b.dir, maxSessionsFlag(b.Sessions), func(ctx context.Context, srv peer.Server) (err error) {
		r.srv = srv
		if r.operator, err = signIn(ctx, srv.URL, password); err != nil {
			return err
		}
		return r.run(ctx, b.refreshLoad(srv, ids[:b.Visited]))
	})
	if err == nil {
		r.judge()
	}
	return err
}

// run keeps all connections busy while the windows are measured.
func (r *consoleRun) run(ctx context.Context, l load.Load) error {
	if _, err := load.Verify(l); err != nil {
		return err
	}
	if first, err := load.Each(ctx, l); err != nil || !first.Flawless() {
		return errors.Join(err, fmt.Errorf("request each session once: %s", first.Counts))
	}
	loading, done := context.WithCancel(ctx)
	defer done()
	var res load.Result
	var loaded sync.WaitGroup
	loaded.Go(func() {
		res = load.While(l, func(int64) bool { r.asked.Add(1); return loading.Err() == nil })
	})
	err := r.measureAll(loading)
	done()
	loaded.Wait()
	r.Report.Blame(!res.Flawless(), "%s", res.Counts)
	return errors.Join(err, context.Cause(ctx))
}

// measureAll measures the windows in turn, and ends with one without an operator.
func (r *consoleRun) measureAll(ctx context.Context) error {
	if err := sleep(ctx, settleTime); err != nil { // for the connections to open
		return err
	}
	turn := consoleTurn()
	total := r.Rounds*len(turn) + 1
	for i := range total {
		m, err := r.window(ctx, turn[i%len(turn)])
		if err != nil {
			return err
		}
		m.Round = i/len(turn) + 1
		r.Report.Measurements = append(r.Report.Measurements, m)
		if i%len(turn) == 0 {
			fmt.Fprintf(r.progress, "[%d/%d] %.0f requests/s, %.2f us each\n", i+1, total, m.Figures[report.Rate], m.Figures[report.CPU])
		}
	}
	return nil
}

// window measures one window. What the operator begins in it ends in it.
func (r *consoleRun) window(ctx context.Context, state string) (report.Measurement, error) {
	m := report.Measurement{Measure: measureConsole, Subject: state, Figures: report.Figures{}}
	before, err := r.srv.Usage()
	if err != nil {
		return m, err
	}
	began, asked := time.Now(), r.asked.Load()
	if err := r.operate(ctx, &m); err != nil {
		return m, err
	}
	// Requests begun and requests answered differ by the connections at most.
	took, answered := time.Since(began), r.asked.Load()-asked
	after, err := r.srv.Usage()
	if err != nil || answered == 0 {
		return m, errors.Join(err, ctx.Err())
	}
	m.Figures[report.Rate] = float64(answered) / took.Seconds()
	m.Figures.TakeCPU(report.CPU, after.CPU-before.CPU, answered)
	return m, nil
}

// operate does the operator's part, for the length of the window.
func (r *consoleRun) operate(ctx context.Context, m *report.Measurement) error {
	window, done := context.WithTimeout(ctx, r.Window)
	defer done()
	var err error
	switch m.Subject {
	case consoleList:
		var took time.Duration
		took, err = r.operator.list(ctx)
		m.Figures[listMS] = milliseconds(took)
	case consoleDashboard:
		err = load.Share(ctx, r.Dashboards, r.Dashboards, func(_, _ int) error { return r.operator.watch(ctx, window) })
	}
	<-window.Done()
	return errors.Join(err, ctx.Err())
}

// judge compares each window with the two around it, because a machine's pace changes.
func (r *consoleRun) judge() {
	windows := r.Report.Measurements
	for i, m := range windows {
		if m.Subject == consoleAlone || i == 0 || i+1 == len(windows) {
			continue
		}
		before, after := windows[i-1].Figures, windows[i+1].Figures
		if alone := before[report.Rate] + after[report.Rate]; alone > 0 {
			m.Figures[rateByAlone] = 2 * m.Figures[report.Rate] / alone
		}
		if ratio, ok := report.Ratio(2*m.Figures[report.CPU], before[report.CPU]+after[report.CPU]); ok {
			m.Figures[cpuByAlone] = ratio
		}
	}
	r.summarize()
	for _, state := range []string{consoleList, consoleDashboard} {
		s, _ := r.Report.Find(measureConsole, state)
		cost, ok := s.Spreads[rateByAlone]
		r.Report.Blame(!ok, "%s: no window was measured", state)
		if ok {
			r.Report.Compare(measureConsole, rateByAlone, state, cost.Median, true)
		}
	}
}
