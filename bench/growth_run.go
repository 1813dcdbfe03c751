package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"pagesession/storage/record"
)

// What the file may do.
const (
	growthAtMost = 3.0  // times its size at the start
	growthFlat   = 1.1  // the second half against the first
	growthRate   = 0.98 // of the touches that were asked for
)

// A growthReport is what `go run ./bench growth` found.
type growthReport struct {
	heading
	Rate     int      `json:"rate"`
	Sessions int      `json:"sessions"`
	IdleSec  float64  `json:"idle_seconds"`
	Seconds  float64  `json:"seconds"`
	Start    int64    `json:"file_at_start"`
	Load     result   `json:"load"`
	Samples  []sample `json:"samples"`
	Written  float64  `json:"written_bytes_per_touch"`
}

// runGrowth touches the sessions in turn, at a fixed rate, over HTTP, and
// looks at the file now and then.
func runGrowth(ctx context.Context, opt growthOptions, t trial) (growthReport, error) {
	r := growthReport{heading: t.heading, Rate: opt.rate, Sessions: opt.sessions,
		IdleSec: opt.idle.Seconds(), Seconds: opt.duration.Seconds()}
	fmt.Fprintf(t.progress, "planting %d sessions\n", opt.sessions)
	ids, err := plant(ctx, t.dir, opt.sessions, record.Lifetime{Idle: opt.idle, Absolute: 24 * time.Hour}, 1)
	if err != nil {
		return r, err
	}
	srv, err := startProduct(ctx, t.workshop, t.dir)
	if err != nil {
		return r, err
	}
	return r, srv.finish(ctx, r.load(ctx, opt, t, srv, ids))
}

// load runs the paced load and the looks beside it.
func (r *growthReport) load(ctx context.Context, opt growthOptions, t trial, srv server, ids []string) error {
	alive, stop := srv.whileAlive(ctx)
	defer stop()
	l := load{url: srv.url + "/get/", ids: ids, expect: expectation{marker: liveMarker, cookie: true},
		connections: opt.connections, duration: opt.duration}
	before, err := srv.usage()
	if err != nil {
		return err
	}
	if r.Start, err = fileSize(sessionFile(t.dir)); err != nil {
		return err
	}
	looking, done := context.WithCancel(alive)
	looked := make(chan error, 1)
	go func() { looked <- r.look(looking, opt, t, srv) }()
	r.Load, err = paced(alive, l, opt.rate)
	done()
	err = errors.Join(err, <-looked, context.Cause(alive))
	after, usageErr := srv.usage()
	if err == nil && usageErr == nil && r.Load.Good > 0 {
		r.Written = float64(after.Written-before.Written) / float64(r.Load.Good)
	}
	return errors.Join(err, usageErr)
}

// look samples until the load is over.
func (r *growthReport) look(ctx context.Context, opt growthOptions, t trial, srv server) error {
	began := time.Now()
	return every(ctx, opt.every, func() error {
		s, err := takeSample(srv, t.dir, began)
		if err != nil {
			return err
		}
		r.Samples = append(r.Samples, s)
		fmt.Fprintf(t.progress, "%d touches/s: file %.1f MiB, %s of %s left\n", opt.rate, float64(s.File)/(1<<20),
			(opt.duration - time.Since(began)).Round(time.Second), opt.duration)
		return nil
	})
}

// most is the file at its largest.
func (r growthReport) most() int64 {
	most := int64(0)
	for _, s := range r.Samples {
		most = max(most, s.File)
	}
	return most
}

func (r growthReport) complaints() []string {
	var list []string
	if !r.Load.flawless() {
		list = append(list, r.Load.counts())
	}
	if wanted := float64(r.Rate) * growthRate; r.Load.rate() < wanted {
		list = append(list, fmt.Sprintf("only %.0f touches/s reached: the file proves nothing", r.Load.rate()))
	}
	if times := float64(r.most()) / float64(r.Start); times > growthAtMost {
		list = append(list, fmt.Sprintf("the file grew to %.2f times its size at the start, allowed %g", times, growthAtMost))
	}
	sizes := column(r.Samples, func(s sample) float64 { return float64(s.File) })
	if bad := grown("the file", sizes, growthFlat, 0); bad != "" {
		list = append(list, bad)
	}
	return list
}

func (r growthReport) print(out io.Writer) {
	r.heading.print(out)
	fmt.Fprintf(out, "%d touches/s for %g s over %d sessions with an idle timeout of %g s, over HTTP, in turn\n\n",
		r.Rate, r.Seconds, r.Sessions, r.IdleSec)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "second\tfile MiB\ttimes the start\tmemory MiB")
	for _, s := range r.Samples {
		fmt.Fprintf(table, "%.0f\t%.2f\t%.2f\t%.1f\n", s.Second, float64(s.File)/(1<<20), float64(s.File)/float64(r.Start), float64(s.RSS)/(1<<20))
	}
	_ = table.Flush()
	sizes := column(r.Samples, func(s sample) float64 { return float64(s.File) })
	f, _ := flat(sizes, growthFlat, 0)
	fmt.Fprintf(out, "\n%.0f touches/s reached, %.1f bytes written each; file at the start %.2f MiB, at most %.2f times that, allowed %g; "+
		"halves %.2f and %.2f MiB, allowed %g times\n", r.Load.rate(), r.Written, float64(r.Start)/(1<<20),
		float64(r.most())/float64(r.Start), growthAtMost, f.First/(1<<20), f.Second/(1<<20), growthFlat)
}
