package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

// openPeers are who is compared at a fixed rate: a refresh of ours is to cost
// a visitor no more time than the page without a session.
var openPeers = []string{ours, "page"}

// The open loop's part of a run. A p99 beside other work varies from process
// to process and from second to second, and its median is steadied by more
// rounds, not by longer ones: so there are twice as many as of the closed
// loops, and short. The probe is to find a rate, not a figure.
const (
	openRoundsEach = 2
	longestOpen    = 1500 * time.Millisecond
	longestProbe   = 2 * time.Second
)

// probe is the measure that finds the saturated rate where refresh was not
// measured; it is in nobody's summary.
const probe = "saturate"

func chooseOpenPeers(opt options) []peer {
	return slices.DeleteFunc(choosePeers(opt.only), func(p peer) bool {
		return !opt.open || !slices.Contains(openPeers, p.name)
	})
}

func needsProbe(opt options) bool { return !opt.refresh && opt.openRate == 0 }

// runOpen loads the open peers at one rate for all. runs are the closed loops
// of this run; it returns them with its own.
func (b *bench) runOpen(ctx context.Context, runs []run) ([]run, error) {
	peers := chooseOpenPeers(b.opt)
	if len(peers) == 0 {
		return runs, nil
	}
	if needsProbe(b.opt) {
		probes, err := b.runAll(ctx, plan([]measure{probeMeasure(b.opt, peers)}, 1))
		if err != nil {
			return nil, err
		}
		runs = append(runs, probes...)
	}
	rate := openRate(b.opt, peers, runs)
	if rate == 0 {
		fmt.Fprintln(os.Stderr, "no open loop: a closed loop gave no good answer to derive its rate from, and there is no -open-rate")
		return runs, nil
	}
	opened, err := b.runAll(ctx, plan([]measure{fixedRate(b.opt, peers, rate)}, b.opt.rounds*openRoundsEach))
	return append(runs, opened...), err
}

func probeMeasure(opt options, peers []peer) measure {
	m := refreshMeasure(opt, peers)
	m.name, m.duration = probe, min(opt.duration, longestProbe)
	return m
}

func fixedRate(opt options, peers []peer, rate float64) measure {
	m := refreshMeasure(opt, peers)
	m.name, m.duration, m.rate = openMeasure, min(opt.duration, longestOpen), rate
	return m
}

// openRate is what every peer is asked for: as told, or half of what the
// slowest of them did in the closed loops of this run. One absolute rate for
// all: half of its own saturation would ask more of the faster one, and then
// its latency says how hard it was asked; and half of the slowest one's is a
// load that all can bear.
//
// It is 0 where one of them gave nothing there.
func openRate(opt options, peers []peer, runs []run) float64 {
	if opt.openRate > 0 {
		return opt.openRate
	}
	var rates []float64
	for _, p := range peers {
		rates = append(rates, saturatedRate(p.name, runs))
	}
	return slices.Min(rates) / 2
}

// saturatedRate is the median of a peer's closed refreshes, 0 without one.
func saturatedRate(peer string, runs []run) float64 {
	var rates []float64
	for _, r := range runs {
		if r.Peer == peer && (r.Measure == refresh || r.Measure == probe) && r.rate() > 0 {
			rates = append(rates, r.rate())
		}
	}
	return median(rates)
}
