package scenario

import (
	"context"
	"fmt"
	"slices"
	"time"

	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// A p99 varies from process to process, so the open loop has more rounds than the closed
// ones, and shorter ones.
const (
	openRoundsEach = 2
	longestOpen    = 1500 * time.Millisecond
)

// openPeers returns the peers that are compared at a fixed rate.
func (r *refreshRun) openPeers() []peer.Peer {
	return slices.DeleteFunc(slices.Clone(r.peers), func(p peer.Peer) bool { return !r.Open || p.Name != peer.Product && p.Name != "page" })
}

// runOpen loads the open peers, all at one rate.
func (r *refreshRun) runOpen(ctx context.Context) error {
	peers := r.openPeers()
	if len(peers) == 0 {
		return nil
	}
	m := r.refreshMeasure(peers)
	m.name, m.duration, m.rate = measureOpen, min(r.Duration, longestOpen), openRate(r.OpenRate, peers, r.measured)
	if m.rate == 0 {
		fmt.Fprintln(r.progress, "skipping the open loop: no closed loop has measured a rate for it; choose one with -open-rate")
		return nil
	}
	opened, err := r.takeAll(ctx, plan([]measure{m}, r.Rounds*openRoundsEach), r.take)
	r.measured = append(r.measured, opened...)
	return err
}

// openRate returns the chosen rate, or half of the slowest peer's in the closed loops, which
// all can serve. It is 0 where a peer had no good answer there.
func openRate(chosen float64, peers []peer.Peer, measured []report.Measurement) float64 {
	if chosen > 0 {
		return chosen
	}
	var rates []float64
	for _, p := range peers {
		var of []float64
		for _, m := range measured {
			if rate, ok := m.Figures[report.Rate]; ok && m.Subject == p.Name && m.Measure == measureRefresh {
				of = append(of, rate)
			}
		}
		rates = append(rates, report.Median(of))
	}
	return slices.Min(rates) / 2
}

const (
	// clientShare is the part of a p99 that may be the client's own lag.
	clientShare = 0.5
	// overrun is the percentage of waiting requests above which the rate was too high.
	overrun = 10
)

// clientLate reports whether a p99 is about the client and not the server.
func clientLate(s report.Summary) bool {
	lag, ok := s.Spreads[report.LagP99]
	return ok && lag.Median > clientShare*s.Median(report.P99)
}

// openNotes adds notes on figures that are about the client, or about a queue.
func openNotes(r *report.Report, s report.Summary) {
	if clientLate(s) {
		r.Notes.Add("%s %s: the client was late, by %.2f ms at its p99 of a p99 of %.2f ms; run again on a quiet machine",
			s.Measure, s.Subject, s.Median(report.LagP99), s.Median(report.P99))
	}
	if waited := s.Median(report.Waited); waited > overrun {
		r.Notes.Add("%s %s: %.0f %% of the requests found all connections busy: at %.0f requests/s the latencies are those of a queue",
			s.Measure, s.Subject, waited, s.Median(report.Asked))
	}
}
