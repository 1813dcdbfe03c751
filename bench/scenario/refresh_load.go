package scenario

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// takeAll runs the steps one after the other. A peer that fails is noted and does not end
// the others; the product's failure is an error.
func (b *Bench) takeAll(ctx context.Context, steps []step, take func(context.Context, step) (report.Measurement, error)) ([]report.Measurement, error) {
	var list []report.Measurement
	for i, s := range steps {
		fmt.Fprintf(b.progress, "[%d/%d] round %d: %s %s for %s\n", i+1, len(steps), s.round, s.measure.name, s.peer.Name, s.measure.duration)
		m, err := take(ctx, s)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil && s.peer.Name == peer.Product {
			return nil, fmt.Errorf("%s of %s: %w", s.measure.name, s.peer.Name, err)
		}
		if err != nil {
			m.Note = "not measured: " + err.Error()
		}
		fmt.Fprintf(b.progress, "      %.0f requests/s, %s, %d crashes\n", m.Figures[report.Rate], m.Counts, len(m.Crashes))
		list = append(list, m)
	}
	return list, nil
}

// take starts the peer in a new folder, puts the load on it and stops it.
func (r *refreshRun) take(ctx context.Context, s step) (report.Measurement, error) {
	m := report.Measurement{Measure: s.measure.name, Subject: s.peer.Name, Round: s.round, Figures: report.Figures{}}
	dir, err := os.MkdirTemp(r.dir, s.peer.Name+"-")
	if err != nil {
		return m, fmt.Errorf("create a folder for the server: %w", err)
	}
	defer os.RemoveAll(dir)
	srv, err := s.peer.Start(ctx, r.Workshop, dir)
	if err != nil {
		return m, err
	}
	began := time.Now()
	res, err := r.load(ctx, srv, s, &m)
	if err != nil && !srv.EndsWithin(time.Second) {
		_ = srv.Stop()
		return m, err
	}
	if srv.Crashed() && ctx.Err() == nil {
		res = crashed(res, srv, began, &m)
	} else if err := srv.Stop(); err != nil && s.peer.Name == peer.Product {
		m.Note = "stopping failed: " + err.Error()
	}
	m.Take(res)
	return m, nil
}

// crashed reduces the result of a server that crashed to its time before the crash, and
// notes the crash.
func crashed(res load.Result, srv peer.Server, began time.Time, m *report.Measurement) load.Result {
	if res.Seconds > 0 {
		began = time.Now().Add(-time.Duration(res.Seconds * float64(time.Second)))
	}
	res.Seconds = max(0, min(res.Seconds, srv.Ended.Sub(began).Seconds()))
	res.Errors = 0
	m.Crashes = []report.Crash{{After: res.Answered(), Seconds: res.Seconds, Cause: srv.Cause()}}
	return res
}

// load creates the sessions, checks that the server tells a live id from a made-up one,
// and runs the load.
func (r *refreshRun) load(ctx context.Context, srv peer.Server, s step, m *report.Measurement) (load.Result, error) {
	ctx, release := srv.WhileAlive(ctx)
	defer release()
	l := load.Load{
		URL: srv.URL + s.measure.path, Expect: load.Expectation{Marker: s.measure.marker, Cookie: s.peer.Sessions},
		Connections: s.measure.connections, Threads: r.Threads, Duration: s.measure.duration, Rate: s.measure.rate,
	}
	var err error
	if s.peer.Sessions && s.measure.path == "/get/" {
		if l.IDs, err = load.Seed(ctx, srv.URL, r.sessionsOf(s.peer), r.Seed); err != nil {
			return load.Result{}, err
		}
		m.Figures["ids"] = float64(len(l.IDs))
	}
	size, err := load.Verify(l)
	if err != nil {
		return load.Result{}, err
	}
	m.Figures[report.Size] = float64(size)
	if len(l.IDs) == 0 && s.measure.path == "/get/" {
		l.IDs = load.Strangers(r.Sessions)
	}
	var res load.Result
	before, known := srv.CPUTime()
	if l.Rate > 0 {
		res = load.Open(ctx, l)
	} else {
		res, err = r.client.Run(ctx, l)
	}
	if after, still := srv.CPUTime(); known && still && after >= before {
		m.Figures.TakeCPU(report.CPU, after-before, res.Answered())
	}
	return res, err
}

// sessionsOf returns how many sessions a peer gets: fewer where it creates them slowly.
func (r *refreshRun) sessionsOf(p peer.Peer) int {
	return min(r.Sessions, cmp.Or(p.Most, r.Sessions))
}
