package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
	"pagesession/storage/record"
)

const measureGrowth = "growth"

// Limits of the file and the load.
const (
	growthAtMost = 3.0  // times its size at the start
	growthFlat   = 1.1  // the second half against the first
	growthRate   = 0.98 // of the rate that was asked for
	growthGrace  = 1.0  // seconds that the last answers may be late, for short runs
)

func growthScenario() Scenario {
	return Scenario{
		Name:  "growth",
		About: "the session file at a fixed rate of refreshes",
		Defaults: func(o *Options) {
			o.Duration, o.Every, o.Rate, o.Sessions = 10*time.Minute, 10*time.Second, 10_000, 100_000
		},
		Flags: "duration every rate sessions idle connections results",
		Check: func(o *Options) error {
			between := time.Duration(o.Sessions) * time.Second / time.Duration(o.Rate)
			switch {
			case o.Every > o.Duration:
				return fmt.Errorf("-every %s is longer than -duration", o.Every)
			case o.Sessions > maxSessions:
				return fmt.Errorf("-sessions %d is more than %d", o.Sessions, maxSessions)
			case o.Idle < 2*time.Second || between > o.Idle*3/4:
				return fmt.Errorf("-idle %s is too short: each session is requested every %s", o.Idle, between)
			}
			return nil
		},
		Run: runGrowth,
		Show: func(o *Options, r *report.Report) {
			r.About.Add("%d refreshes/s over HTTP for %s, in turn over %d sessions with an idle timeout of %s", o.Rate, o.Duration, o.Sessions, o.Idle)
			r.Tables = []report.Table{{Title: "the file", Measure: measureGrowth, Subject: "second", Columns: seriesColumns()}}
			title := fmt.Sprintf("%s refreshes/s over %s sessions", report.Number(float64(o.Rate)), report.Number(float64(o.Sessions)))
			r.Charts = []report.Chart{report.OverTime("growth.svg", "Memory and file at a fixed rate", title, measureGrowth)}
		},
	}
}

// runGrowth refreshes the sessions in turn, at a fixed rate, and samples the file.
func runGrowth(ctx context.Context, b *Bench) error {
	ids, err := b.writeSessions(ctx, b.dir, b.Sessions, record.Lifetime{Idle: b.Idle, Absolute: 24 * time.Hour})
	if err != nil {
		return err
	}
	_, err = b.life(ctx, b.dir, nil, func(ctx context.Context, srv peer.Server) error { return b.grow(ctx, srv, ids) })
	return err
}

func (b *Bench) grow(ctx context.Context, srv peer.Server, ids []string) error {
	before, err := srv.Usage()
	if err != nil {
		return err
	}
	l := b.refreshLoad(srv, ids)
	l.Rate = float64(b.Rate)
	var res load.Result
	err = b.sampled(ctx, srv, measureGrowth, func(ctx context.Context) error {
		res = load.Open(ctx, l)
		return nil
	})
	after, usageErr := srv.Usage()
	if err := errors.Join(err, usageErr, context.Cause(ctx)); err != nil {
		return err
	}
	b.judgeGrowth(res, float64(before.File), float64(after.Written-before.Written)/float64(max(1, res.Good)))
	return nil
}

func (b *Bench) judgeGrowth(res load.Result, start, written float64) {
	r := b.Report
	times := slices.Max(r.Column(measureGrowth, report.File)) / start
	rate := float64(res.Good) / max(b.Duration.Seconds(), res.Seconds-growthGrace)
	r.Blame(!res.Flawless(), "%s", res.Counts)
	r.Blame(rate < float64(b.Rate)*growthRate, "the load reached only %.0f refreshes/s, so the file was not tested; choose a lower -rate", rate)
	r.Blame(times > growthAtMost, "the file grew to %.2f times its size at the start; %g times are allowed", times, growthAtMost)
	r.BlameGrowth("the file", measureGrowth, report.File, growthFlat, 0)
	r.Facts.Add("%.0f refreshes/s reached (%s), %.1f bytes written for each; file at the start %.2f MiB, at most %.2f times that (limit %g; the second half may reach %g times the first)",
		rate, res.Latency, written, start/report.MiB, times, growthAtMost, growthFlat)
}
