package scenario

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// The measures: one has a subject for each kind of request, the other has the samples.
const (
	measureMixed   = "mixed"
	measureSamples = "samples"
)

// How much may grow from the first half of the load to the second. A deleted session leaves
// a tombstone for ten minutes, and memory and file grow in steps.
const (
	mixedFlat  = 1.25
	mixedSlack = 16 << 20
	fileSlack  = 16 // open files and threads
)

func mixedScenario() Scenario {
	return Scenario{
		Name:     "mixed",
		About:    "refreshes, peeks, creations and deletions, each answer checked",
		Defaults: func(o *Options) { o.Duration, o.Sessions = 5*time.Minute, 10_000 },
		Flags:    "duration every sessions connections seed results",
		Check: func(o *Options) error {
			switch {
			case o.Every > o.Duration:
				return fmt.Errorf("-every %s is longer than -duration", o.Every)
			case o.Sessions < o.Connections || o.Sessions > maxSessions/2:
				return fmt.Errorf("-sessions %d is out of range; choose a value from -connections to %d", o.Sessions, maxSessions/2)
			}
			return nil
		},
		Run: runMixed, Show: showMixed,
	}
}

func showMixed(o *Options, r *report.Report) {
	r.About.Add("%d connections, %s, %d sessions at the start, seed %d", o.Connections, o.Duration, o.Sessions, o.Seed)
	columns := []report.Column{{Title: "good", Text: func(s report.Summary) string { return fmt.Sprint(s.Counts.Good) }}, {Title: "/s", Figure: report.Rate}}
	columns = append(append(columns, report.Latencies()...), report.Column{Title: "max ms", Figure: report.MaxMS, Digits: 2})
	r.Tables = []report.Table{
		{Title: "requests", Measure: measureMixed, Subject: "kind", Columns: append(columns, report.Verdicts()...)},
		{Title: "the server", Measure: measureSamples, Subject: "second", Lines: 20, Columns: seriesColumns(
			report.Column{Title: "threads", Figure: "threads"}, report.Column{Title: "open files", Figure: "open_files"})},
	}
	r.Charts = []report.Chart{{
		File: "mixed-latency.svg", Title: "Mixed load: p99 by kind of request", Subtitle: "saturated closed loop, so mostly the queue",
		Measure: measureMixed, Bars: true, YTitles: []string{"ms"}, Lines: []report.Line{{Figure: report.P99}},
	}}
}

// A mixed is one run of the scenario.
type mixed struct {
	*Bench
	workers          []*mixedWorker
	checked, revived int
}

// runMixed loads a product, kills it, starts it, and checks that deleted sessions are gone.
func runMixed(ctx context.Context, b *Bench) error {
	m := &mixed{Bench: b}
	for _, do := range []func(context.Context, peer.Server) error{m.load, m.lookAgain} {
		_, err := b.life(ctx, b.dir, []string{"--idle-timeout", load.IdleTimeout.String()}, func(ctx context.Context, srv peer.Server) error {
			return errors.Join(do(ctx, srv), srv.Kill())
		})
		if err != nil {
			return err
		}
	}
	m.judge()
	return nil
}

// load runs the load, with samples beside it.
func (m *mixed) load(ctx context.Context, srv peer.Server) error {
	if err := m.seed(ctx, srv); err != nil {
		return err
	}
	loading, cancel := context.WithTimeout(ctx, m.Duration)
	defer cancel()
	began := time.Now()
	err := m.sampled(loading, srv, measureSamples, func(ctx context.Context) error {
		var all sync.WaitGroup
		for _, w := range m.workers {
			all.Go(func() { w.run(ctx) })
		}
		all.Wait()
		return nil
	})
	m.count(time.Since(began).Seconds())
	return errors.Join(err, ctx.Err())
}

// seed prepares the workers and gives each its share of new sessions.
func (m *mixed) seed(ctx context.Context, srv peer.Server) error {
	fmt.Fprintf(m.progress, "creating %d sessions\n", m.Sessions)
	sent := time.Now()
	ids, err := load.Seed(ctx, srv.URL, m.Sessions, m.Seed)
	if err != nil {
		return err
	}
	answered := time.Now()
	for i := range m.Connections {
		m.workers = append(m.workers, newMixedWorker(srv.URL, m.Seed, uint64(i)))
	}
	for i, id := range ids {
		w := m.workers[i%len(m.workers)]
		w.live = append(w.live, held{id, sent, answered})
	}
	return nil
}

// count adds up what the workers counted.
func (m *mixed) count(seconds float64) {
	for k := range kinds {
		sum := load.NewTally()
		for _, w := range m.workers {
			sum.Merge(w.tallies[k])
		}
		one := report.Measurement{Measure: measureMixed, Subject: k.String()}
		one.Take(load.Result{Counts: sum.Counts, Seconds: seconds, Latency: sum.Latency()})
		m.Report.Measurements = append(m.Report.Measurements, one)
	}
	for _, w := range m.workers {
		w.conn.Close()
	}
}

// lookAgain peeks at the deleted sessions that would still be live otherwise.
func (m *mixed) lookAgain(ctx context.Context, srv peer.Server) error {
	conn := load.Dial(srv.URL)
	defer conn.Close()
	for _, w := range m.workers {
		for _, h := range w.dead {
			state, err := conn.Peek(h.id)
			if err != nil || ctx.Err() != nil {
				return errors.Join(err, ctx.Err())
			}
			if !h.mustLive(time.Now()) {
				continue
			}
			m.checked++
			if state == load.StateLive {
				m.revived++
			}
		}
	}
	return nil
}

func (m *mixed) judge() {
	r := m.Report
	for _, k := range r.Of(measureMixed) {
		r.Blame(!k.Counts.Flawless(), "%s: %s", k.Subject, k.Counts)
	}
	deleted, overdue, first := 0, 0, ""
	for _, w := range m.workers {
		deleted, overdue, first = deleted+w.deleted, overdue+w.overdue, cmp.Or(first, w.first)
	}
	r.Blame(first != "", "the first wrong answer: %s", first)
	r.Blame(deleted > 0 && m.checked == 0, "the start after kill -9 took so long that every deleted session would have expired by then; run again on a quiet machine")
	r.Blame(m.revived > 0, "%d of %d deleted sessions are live again after kill -9 and a start", m.revived, m.checked)
	r.BlameGrowth("memory", measureSamples, report.Memory, mixedFlat, mixedSlack)
	r.BlameGrowth("the file", measureSamples, report.File, mixedFlat, mixedSlack)
	r.BlameGrowth("threads", measureSamples, "threads", 1, fileSlack)
	r.BlameGrowth("open files", measureSamples, "open_files", 1, fileSlack)
	r.Facts.Add("%d sessions expired because they were not requested for %s; %d were deleted; after kill -9 and a start, %d of those were checked, %d live",
		overdue, load.IdleTimeout, deleted, m.checked, m.revived)
}
