package scenario

import (
	"context"
	"fmt"
	"slices"
	"time"

	"pagesession/bench/load"
	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// The values of Redis's appendfsync that are measured. Each is a measure of its own.
const (
	everySecond = "everysec"
	eachWrite   = "always"
)

func redisScenario() Scenario {
	return Scenario{
		Name:  "redis",
		About: "sessions on Redis beside other servers, and a failover of a Cluster",
		Defaults: func(o *Options) {
			o.Rounds, o.Sessions, o.Appendfsync = 5, 60_000, []string{everySecond, eachWrite}
			o.Failover, o.Window = true, 3*time.Second
		},
		Flags: "duration rounds connections threads sessions seed client appendfsync failover window generous no-floors results",
		Check: checkRedis, Run: runRedis, Floors: redisFloors(), Show: showRedis,
	}
}

// redisQuickScenario is redis for busy machines: short loads and generous floors.
func redisQuickScenario() Scenario {
	s := redisScenario()
	full := s.Defaults
	s.Name, s.About = "redis-quick", "the same for CI: short loads, low floors"
	s.Defaults = func(o *Options) {
		full(o)
		o.Duration, o.Rounds, o.Generous, o.Results = time.Second, 3, true, NoResults
		o.Appendfsync, o.Only, o.Window = []string{everySecond}, []string{peer.Product, "fiber"}, time.Second
	}
	return s
}

func checkRedis(o *Options) error {
	if o.Threads > o.Connections {
		return fmt.Errorf("-threads %d is more than -connections", o.Threads)
	}
	if o.Sessions > maxSessions {
		return fmt.Errorf("-sessions %d is more than %d", o.Sessions, maxSessions)
	}
	return nil
}

// A redisRun is one run of the scenario.
type redisRun struct {
	*Bench
	client   load.Client
	peers    []peer.Peer
	measured []report.Measurement
}

// runRedis takes the page of the product, and measures all peers with it.
func runRedis(ctx context.Context, b *Bench) (err error) {
	r := &redisRun{Bench: b, peers: peer.OnRedis(b.Only...)}
	if r.client, err = load.Choose(b.Client, b.dir); err != nil {
		return err
	}
	b.Client = r.client.Name
	for _, p := range r.peers {
		if err := p.Prepare(ctx); err != nil {
			return fmt.Errorf("peer %s: %w", p.Name, err)
		}
	}
	watch, err := b.startWatch(ctx)
	if err != nil {
		return err
	}
	watch.end(b.Report, false)
	if err := r.measureAll(ctx); err != nil || !b.Failover {
		return err
	}
	return r.runFailovers(ctx)
}

// measureAll runs all loads and judges them. Where floors are generous and one is missed, it
// measures once more.
func (r *redisRun) measureAll(ctx context.Context) (err error) {
	if r.measured, err = r.takeAll(ctx, plan(r.measures(), r.Rounds), r.take); err != nil {
		return err
	}
	r.judge()
	if !r.Generous || !r.Report.Failed(false) || r.Report.Failed(true) {
		return nil
	}
	first := r.Report
	fmt.Fprintln(r.progress, "a floor was missed; measuring once more")
	if r.measured, err = r.takeAll(ctx, plan(r.measures(), r.Rounds), r.take); err != nil {
		return err
	}
	r.judge()
	for _, c := range first.Comparisons {
		if c.Missed {
			r.Report.Notes.Add("the first time: %s", c)
		}
	}
	return nil
}

func (r *redisRun) measures() []measure {
	var list []measure
	for _, appendfsync := range r.Appendfsync {
		list = append(list, measure{
			name: appendfsync, path: "/get/", marker: load.LiveMarker,
			connections: r.Connections, duration: r.Duration, peers: r.peers,
		})
	}
	return list
}

// judge replaces the report by one of what was measured so far.
func (r *redisRun) judge() {
	command := r.Report.Command
	rep := r.newReport(r.Report.Machine)
	r.Report, rep.Command, rep.Measurements = rep, command, r.measured
	rep.Floors = slices.DeleteFunc(rep.Floors, func(f report.Floor) bool { return !slices.Contains(r.Appendfsync, f.Measure) })
	r.summarize()
	for _, measure := range r.Appendfsync {
		for _, figure := range []string{report.Rate, allCPU} {
			rep.CompareAll(measure, figure, peer.Product, r.spaced)
		}
	}
	for _, s := range rep.Summaries {
		rep.Blame(s.Subject == peer.Product && !s.Flawless(), "%s, ours: %s", s.Measure, s.Counts)
	}
	r.explain()
}

// spaced reports whether no id of ours was requested twice within a second. A server that
// answers several requests for one session at once would otherwise look faster than it is.
func (r *redisRun) spaced(own, _ report.Summary) bool {
	return own.Spreads[report.Rate].Max <= float64(r.Sessions)
}

// explain adds what the peers are, and notes on figures that are doubtful.
func (r *redisRun) explain() {
	for _, p := range r.peers {
		r.Report.Facts.Add("%-8s %s", p.Name, p.About)
	}
	for _, m := range r.measured {
		if m.Note != "" {
			r.Report.Notes.Add("%s, round %d: %s", m.Subject, m.Round, m.Note)
		}
	}
	for _, s := range r.Report.Summaries {
		if s.Subject == peer.Product && !r.spaced(s, s) {
			r.Report.Notes.Add("%s: ours answered %.0f requests a second with %d sessions, so ids came again within a second; choose more -sessions",
				s.Measure, s.Spreads[report.Rate].Max, r.Sessions)
		}
	}
}
