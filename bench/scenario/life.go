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
)

// life is one life of the product on what lies in dir. do may end it; where it
// does not, it is stopped after. readyMS is how long the start took. A crash is
// a result: the report blames it, and the error is errCrashed.
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

// sample looks at the server: a measurement of that measure, named after the
// second since began.
func (b *Bench) sample(srv peer.Server, measure string, began time.Time) (report.Measurement, error) {
	u, err := srv.Usage()
	if err != nil {
		return report.Measurement{}, err
	}
	size, err := peer.FileSize(b.dir)
	second := time.Since(began).Seconds()
	return report.Measurement{Measure: measure, Subject: fmt.Sprintf("%.0f", second), Figures: report.Figures{
		report.Second: second, report.Memory: float64(u.RSS), report.File: float64(size),
		"threads": float64(u.Threads), "open_files": float64(u.Files),
	}}, err
}

// seriesColumns are memory and file of samples.
func seriesColumns(more ...report.Column) []report.Column {
	return append([]report.Column{
		{Title: "memory MiB", Figure: report.Memory, Digits: 1, Unit: report.MiB},
		{Title: "file MiB", Figure: report.File, Digits: 2, Unit: report.MiB},
	}, more...)
}

// beside calls look at once and then at each interval while do runs. An error of
// look ends the looks, not do.
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
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// settleTime is how long the touches of a load may take to be written: the
// product flushes every 200 ms.
const settleTime = 500 * time.Millisecond

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

// A countdown guesses how long a number of steps will still take, from those
// that are done.
type countdown struct {
	total, done int
	began       time.Time
}

func newCountdown(total int) *countdown { return &countdown{total: total, began: time.Now()} }

// step is "[3/12]" of the next step, with ", about 1m20s left" as soon as there
// is something to guess from.
func (c *countdown) step() (number, left string) {
	if c.done > 0 {
		left = fmt.Sprintf(", about %s left", (time.Since(c.began) / time.Duration(c.done) * time.Duration(c.total-c.done)).Round(time.Second))
	}
	c.done++
	return fmt.Sprintf("[%d/%d]", c.done, c.total), left
}
