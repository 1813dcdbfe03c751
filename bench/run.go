package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// A measure is one question that is put to several peers in turn.
type measure struct {
	name        string
	path        string
	marker      string
	connections int
	duration    time.Duration // of each load
	rate        float64       // of an open loop, requests a second; 0: a closed one
	peers       []peer
}

// The measures. Refresh visits seeded sessions; create asks for new ones and
// sends no cookie; for the open loop see open_measure.go.
const (
	refresh = "refresh"
	create  = "create"
)

// measures returns the closed loops that these options ask for.
func measures(opt options) []measure {
	var list []measure
	chosen := choosePeers(opt.only)
	if opt.refresh {
		list = append(list, refreshMeasure(opt, chosen))
	}
	if !opt.create {
		return list
	}
	creation := measure{name: create, path: "/set/", marker: createdMarker, connections: opt.createConnections, duration: opt.duration}
	for _, p := range chosen {
		if p.durable {
			creation.peers = append(creation.peers, p)
		}
	}
	return append(list, creation)
}

func refreshMeasure(opt options, peers []peer) measure {
	return measure{name: refresh, path: "/get/", marker: liveMarker, connections: opt.connections, duration: opt.duration, peers: peers}
}

// A step is one load on one peer.
type step struct {
	measure measure
	peer    peer
	round   int
	rounds  int
}

// plan interleaves: every round loads every peer once, so that a machine that
// slows down slows all of them. Each round begins with another peer, so that
// none is always the one after the disk was busy.
func plan(list []measure, rounds int) []step {
	var steps []step
	for round := range rounds {
		for _, m := range list {
			for i := range m.peers {
				steps = append(steps, step{measure: m, peer: m.peers[(i+round)%len(m.peers)], round: round + 1, rounds: rounds})
			}
		}
	}
	return steps
}

// A bench is one run: what it was asked for, and where it works.
type bench struct {
	opt      options
	client   client
	workshop workshop
	dir      string // everything we and the servers write; removed at the end
}

// runBench does it all and returns the report. It leaves no process and no
// file behind, whatever happens, a canceled context included.
func runBench(ctx context.Context, opt options) (report, error) {
	dir, err := os.MkdirTemp("", "pagesession-bench-")
	if err != nil {
		return report{}, fmt.Errorf("make a folder to work in: %w", err)
	}
	defer os.RemoveAll(dir)
	b, err := newBench(ctx, opt, dir)
	if err != nil {
		return report{}, err
	}
	m, err := describeMachine(ctx, dir)
	if err != nil {
		return report{}, err
	}
	rep, err := b.everything(ctx)
	if err != nil {
		return report{}, err
	}
	return rep.describe(b.client.name(), m), nil
}

// newBench builds what the chosen peers need.
func newBench(ctx context.Context, opt options, dir string) (*bench, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cl, err := chooseClient(opt.client, dir)
	if err != nil {
		return nil, err
	}
	b := &bench{opt: opt, client: cl, workshop: workshop{self: self}, dir: dir}
	for _, p := range choosePeers(opt.only) {
		if p.name == ours {
			fmt.Fprintln(os.Stderr, "building the product")
			b.workshop.product, err = buildOurs(ctx, dir)
		}
	}
	return b, err
}

// runAll takes the steps one after the other.
func (b *bench) runAll(ctx context.Context, steps []step) ([]run, error) {
	progress := newProgress(os.Stderr, len(steps), b.opt.duration)
	var runs []run
	for _, s := range steps {
		progress.begin(s)
		r, err := b.take(ctx, s)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("stopped: %w", context.Cause(ctx))
		}
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", s.measure.name, s.peer.name, err)
		}
		progress.end(r)
		runs = append(runs, r)
	}
	return runs, nil
}

// take loads a peer. One that is known to be broken fails nobody: where it
// crashed it is started once more, the try that got further counts, and both
// crashes are told; where it gave nothing, that is told.
func (b *bench) take(ctx context.Context, s step) (run, error) {
	first, err := b.attempt(ctx, s)
	if !s.peer.mayCrash || err == nil && len(first.Crashes) == 0 {
		return first, err
	}
	second, again := b.attempt(ctx, s)
	best := second
	if first.Good > second.Good {
		best = first
	}
	best.Crashes = append(first.Crashes, second.Crashes...)
	if failed := errors.Join(err, again); failed != nil {
		best.Note = "tried again: " + failed.Error()
	}
	return best, nil
}

// attempt gives the peer a fresh process and folder, and puts the load on it.
func (b *bench) attempt(ctx context.Context, s step) (run, error) {
	dir, err := os.MkdirTemp(b.dir, s.peer.name+"-")
	if err != nil {
		return run{}, fmt.Errorf("make a folder for the server: %w", err)
	}
	defer os.RemoveAll(dir)
	srv, err := s.peer.start(ctx, b.workshop, dir)
	if err != nil {
		return run{}, err
	}
	r, err := b.load(ctx, srv, s)
	r.Measure, r.Peer, r.Round = s.measure.name, s.peer.name, s.round
	if err != nil && !srv.endsWithin(time.Second) {
		_ = srv.stop()
		return r, err
	}
	if !srv.alive() && ctx.Err() == nil {
		return r.crashed(srv), nil
	}
	if err := srv.stop(); err != nil && s.peer.name == ours {
		r.Note = "stopped badly: " + err.Error()
	}
	return r, nil
}

// load seeds, proves that the checks can tell good from bad, and loads.
func (b *bench) load(ctx context.Context, srv server, s step) (run, error) {
	ctx, stop := srv.whileAlive(ctx)
	defer stop()
	l := b.loadFor(srv, s)
	if s.peer.sessions && s.measure.path == "/get/" {
		ids, err := seedSessions(ctx, srv.url, b.opt.sessions, b.opt.seed)
		if err != nil {
			return run{}, err
		}
		l.ids = ids
	}
	size, err := prove(l)
	if err != nil {
		return run{}, err
	}
	r := run{IDs: len(l.ids), Bytes: size, began: time.Now()}
	if len(l.ids) == 0 && s.measure.path == "/get/" {
		l.ids = strangers(b.opt.sessions)
	}
	before, known := cpuTime(srv.cmd.Process.Pid)
	r.result, err = b.clientFor(s.measure).run(ctx, l)
	after, still := cpuTime(srv.cmd.Process.Pid)
	r.CPU = cpuPerRequest(before, after, known && still, r.result)
	return r, err
}

func (b *bench) loadFor(srv server, s step) load {
	return load{
		url:         srv.url + s.measure.path,
		expect:      expectation{marker: s.measure.marker, cookie: s.peer.sessions},
		connections: s.measure.connections,
		threads:     b.opt.threads,
		duration:    s.measure.duration,
		rate:        s.measure.rate,
	}
}

// clientFor is the client of a measure.
func (b *bench) clientFor(m measure) client {
	if m.rate > 0 {
		return openClient{wires: newWires}
	}
	return b.client
}
