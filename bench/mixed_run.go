package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"
)

// A mixed is the trial under way.
type mixed struct {
	trial
	opt     mixedOptions
	srv     server
	workers []*mixedWorker
	report  mixedReport
}

// runMixed loads a fresh product, then kills it, starts it again and looks
// whether a deleted session came back.
func runMixed(ctx context.Context, opt mixedOptions, t trial) (mixedReport, error) {
	m := &mixed{trial: t, opt: opt, report: newMixedReport(t.heading, opt)}
	if err := m.life(ctx, m.load); err != nil || m.report.Crash != "" {
		return m.report, err
	}
	err := m.life(ctx, m.lookAgain)
	return m.report, err
}

// life starts the product on what its predecessor left, and ends it.
func (m *mixed) life(ctx context.Context, do func(context.Context) error) error {
	srv, err := startProduct(ctx, m.workshop, m.dir, "--idle-timeout", idleTimeout.String())
	if err != nil {
		return err
	}
	m.srv = srv
	alive, stop := srv.whileAlive(ctx)
	defer stop()
	err = do(alive)
	if !srv.alive() && ctx.Err() == nil {
		m.report.Crash = srv.cause() // a crash is a result
		return nil
	}
	return errors.Join(err, srv.kill())
}

// load is the load, with samples beside it.
func (m *mixed) load(ctx context.Context) error {
	if err := m.seed(ctx); err != nil {
		return err
	}
	loading, over := context.WithTimeout(ctx, m.opt.duration)
	defer over()
	began := time.Now()
	looked := make(chan error, 1)
	go func() { looked <- every(loading, m.opt.every, func() error { return m.look(began) }) }()
	var all sync.WaitGroup
	for _, w := range m.workers {
		all.Go(func() { w.work(loading) })
	}
	all.Wait()
	m.workers[0].http.CloseIdleConnections()
	m.report.Seconds = time.Since(began).Seconds()
	err := <-looked
	m.report.tell(m.workers)
	return errors.Join(err, ctx.Err())
}

// seed makes the workers and gives each its share of new sessions.
func (m *mixed) seed(ctx context.Context) error {
	target, err := url.Parse(m.srv.url)
	if err != nil {
		return fmt.Errorf("mixed load: %w", err)
	}
	fmt.Fprintf(m.progress, "creating %d sessions\n", m.opt.sessions)
	sent := time.Now()
	ids, err := seedSessions(ctx, m.srv.url, m.opt.sessions, m.opt.seed)
	if err != nil {
		return err
	}
	answered := time.Now()
	http := newHTTPClient(target.Host, m.opt.connections)
	for i := range m.opt.connections {
		m.workers = append(m.workers, newMixedWorker(http, m.srv.url, m.opt.seed, uint64(i)))
	}
	for i, id := range ids {
		w := m.workers[i%len(m.workers)]
		w.live = append(w.live, held{id, sent, answered})
	}
	return nil
}

// look takes one sample.
func (m *mixed) look(began time.Time) error {
	s, err := takeSample(m.srv, m.dir, began)
	if err != nil {
		return err
	}
	m.report.Samples = append(m.report.Samples, s)
	if len(m.report.Samples)%10 == 1 {
		fmt.Fprintf(m.progress, "mixed load: memory %.1f MiB, file %.1f MiB, %s of %s left\n", float64(s.RSS)/(1<<20),
			float64(s.File)/(1<<20), (m.opt.duration - time.Since(began)).Round(time.Second), m.opt.duration)
	}
	return nil
}

// lookAgain looks, after a kill -9 and a start, at the deleted sessions that
// would still live had nobody deleted them.
func (m *mixed) lookAgain(ctx context.Context) error {
	target, err := url.Parse(m.srv.url)
	if err != nil {
		return fmt.Errorf("look again: %w", err)
	}
	http := newHTTPClient(target.Host, 1)
	defer http.CloseIdleConnections()
	for _, w := range m.workers {
		for _, h := range w.dead {
			state, err := peekState(http, m.srv.url, h.id)
			if err != nil || ctx.Err() != nil {
				return errors.Join(err, ctx.Err())
			}
			if !h.mustLive(time.Now()) {
				continue
			}
			m.report.Checked++
			if state == stateLive {
				m.report.Revived++
			}
		}
	}
	return nil
}
