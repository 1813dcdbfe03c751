package scenario

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
	"pagesession/storage/record"
)

// life runs the product in dir until do returns; do may end it. readyMS is how long the
// start took. A crash is blamed, and the error is then errCrashed.
func (b *Bench) life(ctx context.Context, dir string, flags []string, do func(context.Context, peer.Server) error) (readyMS float64, err error) {
	began := time.Now()
	srv, err := peer.StartProduct(ctx, b.Workshop, dir, flags...)
	if err != nil {
		return 0, err
	}
	readyMS = milliseconds(time.Since(began))
	alive, release := srv.WhileAlive(ctx)
	defer release()
	err = do(alive, srv)
	if srv.Crashed() && ctx.Err() == nil {
		b.Report.Blame(true, "the server crashed: %s", srv.Cause())
		return readyMS, errCrashed
	}
	if srv.Alive() {
		if stopped := srv.Stop(); stopped != nil && ctx.Err() == nil {
			err = errors.Join(err, fmt.Errorf("the server stopped badly: %w%s", stopped, srv.LastWords()))
		}
	}
	return readyMS, err
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }

// sampled takes a sample at once and at each interval while do runs.
func (b *Bench) sampled(ctx context.Context, srv peer.Server, measure string, do func(context.Context) error) error {
	began := time.Now()
	return beside(ctx, b.Every, func() error { _, err := b.sample(srv, measure, began); return err }, do)
}

// sample adds a measurement of the server, named after the second, and returns its figures.
func (b *Bench) sample(srv peer.Server, measure string, began time.Time) (report.Figures, error) {
	u, err := srv.Usage()
	if err != nil {
		return nil, err
	}
	second := time.Since(began).Seconds()
	figures := report.Figures{
		report.Second: second, report.Memory: float64(u.RSS), report.File: float64(u.File),
		"threads": float64(u.Threads), "open_files": float64(u.Files),
	}
	b.Report.Measurements = append(b.Report.Measurements, report.Measurement{Measure: measure, Subject: fmt.Sprintf("%.0f", second), Figures: figures})
	fmt.Fprintf(b.progress, "%.0f s: memory %.1f MiB, file %.1f MiB\n", second, float64(u.RSS)/report.MiB, float64(u.File)/report.MiB)
	return figures, nil
}

// seriesColumns are memory and file of samples.
func seriesColumns(more ...report.Column) []report.Column {
	return append([]report.Column{
		{Title: "memory MiB", Figure: report.Memory, Digits: 1, Unit: report.MiB},
		{Title: "file MiB", Figure: report.File, Digits: 2, Unit: report.MiB},
	}, more...)
}

// beside calls look at once and at each interval while do runs; an error ends the looks.
func beside(ctx context.Context, interval time.Duration, look func() error, do func(context.Context) error) error {
	looking, done := context.WithCancel(ctx)
	defer done()
	looked := make(chan error, 1)
	go func() { looked <- repeat(looking, interval, look) }()
	err := do(ctx)
	done()
	return errors.Join(err, <-looked)
}

func repeat(ctx context.Context, interval time.Duration, do func() error) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := do(); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// sleep waits, but not beyond the context.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// settleTime is more than the 200 ms after which the product writes touches.
const settleTime = 500 * time.Millisecond

// writeSessions makes live sessions for a product that is to start in dir.
func (b *Bench) writeSessions(ctx context.Context, dir string, n int, life record.Lifetime) ([]string, error) {
	fmt.Fprintf(b.progress, "writing %d sessions\n", n)
	return peer.WriteSessions(ctx, dir, n, life, b.Seed)
}

// refreshLoad is GET /get/ of those sessions.
func (b *Bench) refreshLoad(srv peer.Server, ids []string) load.Load {
	return load.Load{
		URL: srv.URL + "/get/", IDs: ids, Expect: load.Live(),
		Connections: b.Connections, Threads: b.Threads, Duration: b.Duration,
	}
}

// maxSessionsFlag makes room for that many sessions.
func maxSessionsFlag(n int) []string {
	return []string{"--max-sessions", strconv.Itoa(max(n, maxSessions))}
}
