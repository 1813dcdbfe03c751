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

// The measures: refresh requests seeded sessions, create sends no cookie, open has a
// fixed rate.
const (
	measureRefresh = "refresh"
	measureCreate  = "create"
	measureOpen    = "open"
)

func refreshScenario() Scenario {
	return Scenario{
		Name:     "refresh",
		About:    "refreshes and creations beside other servers; runs if you name no command",
		Defaults: func(o *Options) { o.Rounds, o.Refresh, o.Create, o.Open, o.IdleCheck = 5, true, true, true, true },
		Flags:    "duration rounds connections create-connections threads sessions seed client only refresh create open open-rate idle-check generous no-floors results",
		Check:    checkRefresh, Run: runRefresh, Floors: refreshFloors(), Show: showRefresh,
	}
}

// quickScenario is refresh for busy machines: short loads, the peers that have floors,
// and generous floors.
func quickScenario() Scenario {
	s := refreshScenario()
	full := s.Defaults
	s.Name, s.About = "quick", "the same for CI: short loads, low floors"
	s.Defaults = func(o *Options) {
		full(o)
		o.Duration, o.Rounds, o.Generous, o.Results = time.Second, 3, true, NoResults
		o.Open = false // beside other work, a p99 measures that work
		o.Only = []string{peer.Product, "page", "constant", "memory", "stock"}
	}
	return s
}

func checkRefresh(o *Options) error {
	if o.Threads > min(o.Connections, o.CreateConnections) {
		return fmt.Errorf("-threads %d is more than -connections or -create-connections", o.Threads)
	}
	if o.Sessions > maxSessions {
		return fmt.Errorf("-sessions %d is more than %d", o.Sessions, maxSessions)
	}
	return nil
}

// A refreshRun is one run of the scenario.
type refreshRun struct {
	*Bench
	client   load.Client
	peers    []peer.Peer
	measured []report.Measurement
	skipped  []string // why peers do not run
}

func runRefresh(ctx context.Context, b *Bench) (err error) {
	r := &refreshRun{Bench: b}
	if r.client, err = load.Choose(b.Client, b.dir); err != nil {
		return err
	}
	b.Client = r.client.Name
	if err := r.choosePeers(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watch, err := b.startWatch(ctx)
	if err != nil {
		return err
	}
	if err = r.measureAll(ctx); err != nil {
		cancel() // ends the watch of the idle session at once
	}
	watch.end(b.Report, b.IdleCheck && r.runs(peer.Product))
	return err
}

// choosePeers leaves out peers that cannot run here. A peer that -only names is then an
// error.
func (r *refreshRun) choosePeers(ctx context.Context) error {
	for _, p := range peer.Choose(r.Only) {
		err := p.Prepare(ctx)
		switch {
		case err == nil:
			r.peers = append(r.peers, p)
		case len(r.Only) > 0:
			return fmt.Errorf("peer %s: %w", p.Name, err)
		default:
			r.skipped = append(r.skipped, fmt.Sprintf("%s did not run: %v", p.Name, err))
		}
	}
	return nil
}

func (r *refreshRun) runs(name string) bool {
	return slices.ContainsFunc(r.peers, func(p peer.Peer) bool { return p.Name == name })
}

// measureAll runs all loads and judges them. Where floors are generous, a missed one is
// measured once more.
func (r *refreshRun) measureAll(ctx context.Context) (err error) {
	if r.measured, err = r.takeAll(ctx, plan(r.measures(), r.Rounds), r.take); err != nil {
		return err
	}
	if err := r.runOpen(ctx); err != nil {
		return err
	}
	r.judge()
	if r.Generous && r.Report.Failed(false) && !r.Report.Failed(true) {
		return r.again(ctx)
	}
	return nil
}

// again repeats the measures that missed a floor and judges the new figures alone: other
// work may have slowed the first ones.
func (r *refreshRun) again(ctx context.Context) error {
	first := r.Report
	steps := slices.DeleteFunc(plan(r.measures(), r.Rounds), func(s step) bool { return !first.Missed(s.measure.name) })
	fmt.Fprintln(r.progress, "a floor was missed; measuring it once more")
	again, err := r.takeAll(ctx, steps, r.take)
	if err != nil {
		return err
	}
	r.measured = append(again, slices.DeleteFunc(r.measured, func(m report.Measurement) bool { return first.Missed(m.Measure) })...)
	r.judge()
	for _, c := range first.Comparisons {
		if c.Missed {
			r.Report.Notes.Add("the first time: %s", c)
		}
	}
	return nil
}

// A measure is one kind of load, for several peers in turn.
type measure struct {
	name, path, marker string
	connections        int
	duration           time.Duration // of each load
	rate               float64       // of an open loop; 0 for a closed one
	peers              []peer.Peer
}

// measures returns the closed loops that the flags choose.
func (r *refreshRun) measures() []measure {
	var list []measure
	if r.Refresh {
		list = append(list, r.refreshMeasure(r.peers))
	}
	if r.Create {
		list = append(list, measure{
			name: measureCreate, path: "/set/", marker: load.CreatedMarker, connections: r.CreateConnections, duration: r.Duration,
			peers: slices.DeleteFunc(slices.Clone(r.peers), func(p peer.Peer) bool { return !p.Durable }),
		})
	}
	return list
}

func (r *refreshRun) refreshMeasure(peers []peer.Peer) measure {
	return measure{name: measureRefresh, path: "/get/", marker: load.LiveMarker, connections: r.Connections, duration: r.Duration, peers: peers}
}

// A step is one load on one peer.
type step struct {
	measure measure
	peer    peer.Peer
	round   int
}

// plan interleaves the peers, so that a slow moment of the machine meets all of them. Each
// round begins with another peer.
func plan(list []measure, rounds int) []step {
	var steps []step
	for round := range rounds {
		for _, m := range list {
			for i := range m.peers {
				steps = append(steps, step{measure: m, peer: m.peers[(i+round)%len(m.peers)], round: round + 1})
			}
		}
	}
	return steps
}
