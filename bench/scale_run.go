package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"
)

// A scaleBench is a run of it: the folders with their planted sessions.
type scaleBench struct {
	trial
	opt    scaleOptions
	client client
	ids    map[int][]string // by size
}

// runScale plants all sizes, then takes the steps. Only one product runs at a
// time, and goes on with the file that its predecessor left.
func runScale(ctx context.Context, opt scaleOptions, t trial) (scaleReport, error) {
	cl, err := chooseClient(opt.client, t.dir)
	if err != nil {
		return scaleReport{}, err
	}
	b := &scaleBench{trial: t, opt: opt, client: cl, ids: map[int][]string{}}
	for _, size := range opt.sizes {
		fmt.Fprintf(t.progress, "planting %d sessions\n", size)
		if b.ids[size], err = plant(ctx, b.folder(size), size, longLife, opt.seed); err != nil {
			return scaleReport{}, err
		}
	}
	runs, err := b.takeAll(ctx)
	return newScaleReport(t.heading, opt, cl.name(), runs), err
}

func (b *scaleBench) folder(size int) string {
	return filepath.Join(b.dir, strconv.Itoa(size))
}

func (b *scaleBench) takeAll(ctx context.Context) ([]scaleRun, error) {
	steps := scalePlan(b.opt)
	left := newCountdown(len(steps))
	var runs []scaleRun
	for _, s := range steps {
		fmt.Fprintf(b.progress, "[%d/%d] round %d: %d live sessions%s\n", left.done+1, len(steps), s.round, s.size, left.say())
		r, err := b.take(ctx, s)
		if err != nil {
			return runs, fmt.Errorf("%d sessions: %w", s.size, err)
		}
		left.step()
		fmt.Fprintf(b.progress, "      %.0f requests/s, ready in %.0f ms, after a kill in %.0f ms\n", r.Load.rate(), r.StartMS, r.KillStartMS)
		runs = append(runs, r)
	}
	return runs, nil
}

// take starts the product after a stop, loads and kills it, starts it after
// the kill, and stops it.
func (b *scaleBench) take(ctx context.Context, s scaleStep) (scaleRun, error) {
	r := scaleRun{Round: s.round, Sessions: s.size}
	err := b.life(ctx, s.size, &r.StartMS, func(ctx context.Context, srv server) error {
		return errors.Join(b.loadAll(ctx, srv, &r), srv.kill())
	})
	if err != nil {
		return r, err
	}
	err = b.life(ctx, s.size, &r.KillStartMS, func(ctx context.Context, srv server) error {
		l := b.loadOf(srv, b.ids[s.size][:min(s.size, 1000)])
		if r.After, err = visitEach(ctx, l); err != nil {
			return err
		}
		began := time.Now()
		err := srv.stop()
		r.StopMS = time.Since(began).Seconds() * 1e3
		return err
	})
	return r, err
}

// life is one life of the product on a size's folder. do ends it; where
// that fails, it is ended here.
func (b *scaleBench) life(ctx context.Context, size int, readyMS *float64, do func(context.Context, server) error) error {
	began := time.Now()
	srv, err := startProduct(ctx, b.workshop, b.folder(size), "--max-sessions", strconv.Itoa(max(size, maxSessions)))
	if err != nil {
		return err
	}
	*readyMS = time.Since(began).Seconds() * 1e3
	if err := do(ctx, srv); err != nil {
		_ = srv.kill() // the error that counts is told
		return fmt.Errorf("%w%s", err, srv.lastWords())
	}
	return nil
}

// lastWords is what a server that ended said, for an error message.
func (c *child) lastWords() string {
	if text := c.stderr.String(); text != "" {
		return "\nthe server said: " + text
	}
	return ""
}

// loadAll puts every load of the step on the server.
func (b *scaleBench) loadAll(ctx context.Context, srv server, r *scaleRun) error {
	alive, stop := srv.whileAlive(ctx)
	defer stop()
	started, err := srv.usage()
	if err != nil {
		return err
	}
	r.StartRSS = started.RSS
	l := b.loadOf(srv, b.ids[r.Sessions])
	if _, err := prove(l); err != nil {
		return err
	}
	if r.First, err = visitEach(alive, l); err != nil {
		return context.Cause(alive)
	}
	if err := b.measure(alive, srv, l, r); err != nil || r.Sessions != b.opt.smallest() {
		return err
	}
	plain, err := b.client.run(alive, l)
	r.Plain = &plain
	return errors.Join(err, context.Cause(alive))
}

// measure is the load that counts, with the server's usage before and after.
func (b *scaleBench) measure(ctx context.Context, srv server, l load, r *scaleRun) error {
	l.ids = equalList(b.client.name(), l.ids, b.opt.largest())
	before, err1 := srv.usage()
	var err2 error
	r.Load, err2 = b.client.run(ctx, l)
	settle(ctx)
	after, err3 := srv.usage()
	if err := errors.Join(err1, err2, context.Cause(ctx), err3); err != nil {
		return err
	}
	r.RSS = after.RSS
	if r.Load.Good > 0 {
		r.CPUMicros = float64((after.CPU - before.CPU).Microseconds()) / float64(r.Load.Good)
		r.Written = float64(after.Written-before.Written) / float64(r.Load.Good)
	}
	var err error
	r.File, err = fileSize(sessionFile(b.folder(r.Sessions)))
	return err
}

// settle waits until the touches of a load have been written: the product
// flushes every 200 ms.
func settle(ctx context.Context) {
	select {
	case <-time.After(500 * time.Millisecond):
	case <-ctx.Done():
	}
}

// loadOf is the load with those ids as they are.
func (b *scaleBench) loadOf(srv server, ids []string) load {
	return load{
		url: srv.url + "/get/", ids: ids, expect: expectation{marker: liveMarker, cookie: true},
		connections: b.opt.connections, threads: b.opt.threads, duration: b.opt.duration,
	}
}
