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

// life runs the product in dir until do returns; do may stop it. readyMS is how long the
// start took. After a crash the report has the cause, and the error is errCrashed.
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
			err = errors.Join(err, fmt.Errorf("stop the server: %w%s", stopped, srv.LastWords()))
		}
	}
	return readyMS, err
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }

// sampled takes a sample at once and after each interval while do runs.
func (b *Bench) sampled(ctx context.Context, srv peer.Server, measure string, do func(context.Context) error) error {
	began := time.Now()
	return beside(ctx, b.Every, func() error { _, err := b.sample(srv, measure, began); return err }, do)
}

// sample adds a measurement of the server to the report, with the second as its subject,
// and returns its figures.
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

// seriesColumns are the columns of samples: memory, file, and more.
func seriesColumns(more ...report.Column) []report.Column {
	return append([]report.Column{
		{Title: "memory MiB", Figure: report.Memory, Digits: 1, Unit: report.MiB},
		{Title: "file MiB", Figure: report.File, Digits: 2, Unit: report.MiB},
	}, more...)
}

// beside calls sample at once and after each interval while do runs, until its first error.
func beside(ctx context.Context, interval time.Duration, sample func() error, do func(context.Context) error) error {
	sampling, done := context.WithCancel(ctx)
	defer done()
	sampled := make(chan error, 1)
	go func() { sampled <- repeat(sampling, interval, sample) }()
	err := do(ctx)
	done()
	return errors.Join(err, <-sampled)
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

// sleep waits until d is over or the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// settleTime is longer than the 200 ms after which the product writes touches.
const settleTime = 500 * time.Millisecond

// writeSessions writes live sessions for a product that starts in dir later.
func (b *Bench) writeSessions(ctx context.Context, dir string, n int, life record.Lifetime) ([]string, error) {
	fmt.Fprintf(b.progress, "writing %d sessions\n", n)
	return peer.WriteSessions(ctx, dir, n, life, b.Seed)
}

// refreshLoad requests GET /get/ with those sessions.
func (b *Bench) refreshLoad(srv peer.Server, ids []string) load.Load {
	return load.Load{
		URL: srv.URL + "/get/", IDs: ids, Expect: load.Live(),
		Connections: b.Connections, Threads: b.Threads, Duration: b.Duration,
	}
}

// maxSessionsFlag returns the flag with which the product takes that many sessions.
func maxSessionsFlag(n int) []string {
	return []string{"--max-sessions", strconv.Itoa(max(n, maxSessions))}
}
