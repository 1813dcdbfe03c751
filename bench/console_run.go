package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// What operators do while visitors are measured.
const (
	consoleAlone     = "nobody in the console"
	consoleList      = "a page of the list"
	consoleDashboard = "dashboards opened"
)

// consoleTurn is the order of the windows, again and again: each of the two
// that cost something has one alone before and behind it.
var consoleTurn = []string{consoleAlone, consoleList, consoleAlone, consoleDashboard}

// A consoleWindow is what visitors got in a stretch of one long load.
type consoleWindow struct {
	State     string  `json:"state"`
	Rate      float64 `json:"requests_per_second"`
	CPUMicros float64 `json:"cpu_us"`            // of the server, each request; the console's work included
	ListMS    float64 `json:"list_ms,omitempty"` // how long the page of the list took
}

// A consoleBench is a run of it.
type consoleBench struct {
	trial
	opt      consoleOptions
	srv      server
	operator *operator
	asked    atomic.Int64 // requests of visitors, begun so far
}

// runConsole measures visitors beside operators, all on one product.
func runConsole(ctx context.Context, opt consoleOptions, t trial) (consoleReport, error) {
	b := &consoleBench{trial: t, opt: opt}
	r := newConsoleReport(t.heading, opt)
	fmt.Fprintf(t.progress, "planting %d sessions\n", opt.sessions)
	ids, err := plant(ctx, t.dir, opt.sessions, longLife, opt.seed)
	if err != nil {
		return r, err
	}
	password, err := enrol(ctx, t.workshop, t.dir)
	if err != nil {
		return r, err
	}
	if b.srv, err = startProduct(ctx, t.workshop, t.dir, "--max-sessions", strconv.Itoa(max(opt.sessions, maxSessions))); err != nil {
		return r, err
	}
	err = b.srv.finish(ctx, b.run(ctx, password, ids[:opt.visited], &r))
	r.summarize()
	return r, err
}

// run keeps all connections busy, with our own client, while one window comes
// after the other.
func (b *consoleBench) run(ctx context.Context, password string, ids []string, r *consoleReport) (err error) {
	alive, stop := b.srv.whileAlive(ctx)
	defer stop()
	if b.operator, err = logIn(alive, b.srv.url, password); err != nil {
		return err
	}
	l := load{url: b.srv.url + "/get/", ids: ids, expect: expectation{marker: liveMarker, cookie: true}, connections: b.opt.connections}
	if _, err := prove(l); err != nil {
		return err
	}
	if first, err := visitEach(alive, l); err != nil || !first.flawless() {
		return errors.Join(err, fmt.Errorf("first visits: %s", first.counts()))
	}
	loading, done := context.WithCancel(alive)
	var loaded sync.WaitGroup
	var loadErr error
	loaded.Go(func() {
		r.Load, loadErr = visitWhile(l, func() bool { b.asked.Add(1); return loading.Err() == nil })
	})
	err = b.windows(loading, r)
	done()
	loaded.Wait()
	return errors.Join(err, loadErr, context.Cause(alive))
}

// windows measures every state in turn, and ends with one alone.
func (b *consoleBench) windows(ctx context.Context, r *consoleReport) error {
	settle(ctx) // the connections are made
	total := b.opt.rounds*len(consoleTurn) + 1
	left := newCountdown(total)
	for i := range total {
		w, err := b.measure(ctx, consoleTurn[i%len(consoleTurn)])
		if err != nil {
			return err
		}
		r.Windows = append(r.Windows, w)
		left.step()
		if i%len(consoleTurn) == 0 {
			fmt.Fprintf(b.progress, "[%d/%d] %.0f requests/s, %.2f us each%s\n", left.done, total, w.Rate, w.CPUMicros, left.say())
		}
	}
	return nil
}

// measure is one window: what the operator begins in it ends in it.
func (b *consoleBench) measure(ctx context.Context, state string) (w consoleWindow, err error) {
	before, err := b.srv.usage()
	if err != nil {
		return w, err
	}
	w.State = state
	began, asked := time.Now(), b.asked.Load()
	if err := b.work(ctx, &w); err != nil {
		return w, err
	}
	// Begun, not answered: the two differ by the connections at most.
	took, answered := time.Since(began), b.asked.Load()-asked
	after, err := b.srv.usage()
	if err != nil || answered == 0 {
		return w, errors.Join(err, ctx.Err())
	}
	w.Rate = float64(answered) / took.Seconds()
	w.CPUMicros = float64((after.CPU - before.CPU).Microseconds()) / float64(answered)
	return w, nil
}

// work is what the operator does, for the length of the window.
func (b *consoleBench) work(ctx context.Context, w *consoleWindow) error {
	window, done := context.WithTimeout(ctx, b.opt.window)
	defer done()
	var err error
	switch w.State {
	case consoleList:
		var took time.Duration
		took, err = b.operator.list(ctx)
		w.ListMS = took.Seconds() * 1e3
	case consoleDashboard:
		err = b.watchAll(ctx, window)
	}
	<-window.Done()
	return errors.Join(err, ctx.Err())
}

// watchAll opens dashboards and lets them run until the window ends.
func (b *consoleBench) watchAll(ctx, window context.Context) error {
	failures := make([]error, b.opt.dashboards)
	var all sync.WaitGroup
	for i := range failures {
		all.Go(func() { failures[i] = b.operator.watch(ctx, window) })
	}
	all.Wait()
	return errors.Join(failures...)
}
