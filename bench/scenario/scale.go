package scenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

const measureScale = "scale"

// Figures that only this scenario has.
const (
	firstRate   = "first_requests_per_second"
	startMemory = "memory_after_start_bytes"
	written     = "written_bytes_per_touch"
	readMS      = "read_file_ms"
	startMS     = "start_ms"
	killStartMS = "start_after_kill_ms"
	stopMS      = "stop_ms"
	stopStartMS = "stop_during_start_ms"
)

func scaleScenario() Scenario {
	return Scenario{
		Name:     "scale",
		About:    "refreshes with 1,000 to 1,000,000 live sessions, starts and stops",
		Defaults: func(o *Options) { o.Sizes = []int{1_000, 10_000, 100_000, 1_000_000} },
		Flags:    "sizes duration rounds connections threads seed client no-floors results",
		Check: func(o *Options) error {
			if o.Threads > o.Connections {
				return fmt.Errorf("-threads %d is more than -connections", o.Threads)
			}
			return nil
		},
		Run: runScale, Show: showScale,
		Floors: []report.Floor{
			{What: measureScale, Measure: measureScale, Figure: report.Rate, Subject: "1,000", Limit: 0.90},
			{What: "scale CPU", Measure: measureScale, Figure: report.CPU, Subject: "1,000", Limit: 1.15, AtMost: true},
		},
	}
}

// smallest and largest are the sizes that the floor compares.
func (o *Options) smallest() int { return o.Sizes[0] }
func (o *Options) largest() int  { return o.Sizes[len(o.Sizes)-1] }

// A scaleRun is one run of the scenario.
type scaleRun struct {
	*Bench
	client   load.Client
	ids      map[int][]string // by size
	openRate float64          // of the open loops: half of the first closed loop's
}

// runScale writes a session file for each size, then measures each size in each round, on
// the file that the round before left.
func runScale(ctx context.Context, b *Bench) (err error) {
	r := &scaleRun{Bench: b, ids: map[int][]string{}}
	if err := b.enough(); err != nil {
		return err
	}
	if r.client, err = load.Choose(clientFor(b.Client, b.largest()), b.dir); err != nil {
		return err
	}
	b.Client, b.Patience = r.client.Name, startTime(b.largest())
	for _, size := range b.Sizes {
		if r.ids[size], err = b.writeSessions(ctx, r.folder(size), size, peer.LongLife()); err != nil {
			return err
		}
		debug.FreeOSMemory() // of the store that wrote them
	}
	steps := scalePlan(b.Options)
	for i, s := range steps {
		fmt.Fprintf(b.progress, "[%d/%d] round %d: %d live sessions\n", i+1, len(steps), s.round, s.size)
		if err := r.take(ctx, s); err != nil {
			return fmt.Errorf("%d sessions: %w", s.size, err)
		}
	}
	r.judge()
	return nil
}

func (r *scaleRun) folder(size int) string { return filepath.Join(r.dir, strconv.Itoa(size)) }

// A scaleStep is one size in one round.
type scaleStep struct{ round, size int }

// scalePlan puts the smallest and the largest size next to each other, because their ratio
// is judged, in turn one and the other first.
func scalePlan(o *Options) []scaleStep {
	var steps []scaleStep
	for round := range o.Rounds {
		ends := slices.Compact([]int{o.smallest(), o.largest()})
		if round%2 == 1 {
			slices.Reverse(ends)
		}
		for _, size := range append(ends, o.Sizes[1:max(1, len(o.Sizes)-1)]...) {
			steps = append(steps, scaleStep{round + 1, size})
		}
	}
	return steps
}

// take starts the product, loads it, kills it, starts it again and stops it.
func (r *scaleRun) take(ctx context.Context, s scaleStep) (err error) {
	m := report.Measurement{Measure: measureScale, Subject: report.Number(float64(s.size)), Round: s.round, Figures: report.Figures{}}
	dir, flags := r.folder(s.size), maxSessionsFlag(s.size)
	if m.Figures[readMS], err = warm(ctx, dir); err != nil {
		return err
	}
	m.Figures[startMS], err = r.life(ctx, dir, flags, func(ctx context.Context, srv peer.Server) error {
		return errors.Join(r.loadAll(ctx, srv, s.size, &m), srv.Kill())
	})
	if err != nil {
		return err
	}
	if _, err = warm(ctx, dir); err != nil {
		return err
	}
	m.Figures[killStartMS], err = r.life(ctx, dir, flags, func(ctx context.Context, srv peer.Server) error {
		after, err := load.Each(ctx, r.refreshLoad(srv, r.ids[s.size][:min(s.size, 1000)]))
		r.count("after the kill", s.size, after, &m)
		began := time.Now()
		err = errors.Join(err, srv.Stop())
		m.Figures[stopMS] = milliseconds(time.Since(began))
		return err
	})
	if err == nil {
		err = r.interrupt(ctx, dir, flags, s, &m)
	}
	r.Report.Measurements = append(r.Report.Measurements, m)
	return err
}

// warm reads the session file, so that the system has it in memory: the start is the server's and
// not the disk's. It returns how long that took, which is the disk's part of a start after a while.
func warm(ctx context.Context, dir string) (ms float64, err error) {
	f, err := os.Open(peer.SessionFile(dir))
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // only read
	began := time.Now()
	buffer := make([]byte, 1<<20)
	for ctx.Err() == nil {
		if _, err := f.Read(buffer); errors.Is(err, io.EOF) {
			return milliseconds(time.Since(began)), nil
		} else if err != nil {
			return 0, err
		}
	}
	return 0, context.Cause(ctx)
}

// shortestInterrupted is how long a start has to take so that a signal meets its middle.
const shortestInterrupted = 300 // ms

// interrupt sends SIGTERM in the middle of a start, and measures how long the server takes to
// end.
func (r *scaleRun) interrupt(ctx context.Context, dir string, flags []string, s scaleStep, m *report.Measurement) error {
	if m.Figures[startMS] < shortestInterrupted {
		return nil
	}
	srv, err := peer.BeginProduct(r.Workshop, dir, "127.0.0.1:0", flags...)
	if err != nil {
		return err
	}
	if err := sleep(ctx, time.Duration(m.Figures[startMS]/2)*time.Millisecond); err != nil {
		return errors.Join(err, srv.Kill())
	}
	began := time.Now()
	err = srv.Stop()
	m.Figures[stopStartMS] = milliseconds(time.Since(began))
	r.Report.Blame(err != nil, "%d sessions, round %d: SIGTERM during the start: %v%s", s.size, s.round, err, srv.LastWords())
	return nil
}

// count adds the answers of a load, and blames the run for any that is not good.
func (r *scaleRun) count(what string, size int, res load.Result, m *report.Measurement) {
	m.Counts.Add(res.Counts)
	r.Report.Blame(!res.Flawless(), "%d sessions, round %d, %s: %s", size, m.Round, what, res.Counts)
}

// loadAll runs the loads of a step one after the other.
func (r *scaleRun) loadAll(ctx context.Context, srv peer.Server, size int, m *report.Measurement) error {
	started, err := srv.Usage()
	if err != nil {
		return err
	}
	m.Figures[startMemory] = float64(started.RSS)
	l := r.refreshLoad(srv, r.ids[size])
	if _, err := load.Verify(l); err != nil {
		return err
	}
	first, err := load.Each(ctx, l)
	if err != nil {
		return err
	}
	r.count("first requests", size, first, m)
	m.Figures[firstRate] = first.Rate()
	if err := r.closed(ctx, srv, l, size, m); err != nil {
		return err
	}
	r.open(ctx, l, size, m)
	return nil
}

// closed runs the load whose rate is judged, and reads the server's usage before and after.
func (r *scaleRun) closed(ctx context.Context, srv peer.Server, l load.Load, size int, m *report.Measurement) error {
	l.IDs = equalList(r.client.Name, l.IDs, r.largest())
	before, err1 := srv.Usage()
	res, err2 := r.client.Run(ctx, l)
	err3 := sleep(ctx, settleTime)
	after, err4 := srv.Usage()
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	r.count("load", size, res, m)
	m.Figures[report.Rate], m.Figures[report.Memory], m.Figures[report.File] = res.Rate(), float64(after.RSS), float64(after.File)
	m.Figures.TakeCPU(report.CPU, after.CPU-before.CPU, res.Good)
	if res.Good > 0 {
		m.Figures[written] = float64(after.Written-before.Written) / float64(res.Good)
	}
	return nil
}

// open measures what visitors wait, at one rate for all sizes.
func (r *scaleRun) open(ctx context.Context, l load.Load, size int, m *report.Measurement) {
	if r.openRate == 0 {
		r.openRate = m.Figures[report.Rate] / 2
	}
	if r.openRate == 0 {
		return
	}
	l.IDs, l.Rate, l.Duration = equalList("own", l.IDs, r.largest()), r.openRate, min(r.Duration, longestOpen)
	res := load.Open(ctx, l)
	r.count("open loop", size, res, m)
	m.Figures.TakeTimes(res)
}

// equalList returns as many entries as asked for, which send the ids in order, again and
// again.
//
// A client that walks a million ids misses its own caches, on the cores of the server,
// and the server would seem slow. So at every size the client walks as many entries as
// the largest size has, each a text of its own in memory. Lua keeps equal texts once, so
// for wrk each entry ends with a number: a second cookie, which the server ignores.
func equalList(client string, ids []string, entries int) []string {
	list := make([]string, entries)
	for i := range list {
		id := ids[i%len(ids)]
		if client == "wrk" {
			list[i] = fmt.Sprintf("%s; n=%08d", id, i)
		} else {
			list[i] = strings.Clone(id)
		}
	}
	return list
}
