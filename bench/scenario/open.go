package scenario

import (
	"context"
	"fmt"
	"slices"
	"time"

	"pagesession/bench/peer"
	"pagesession/bench/report"
)

// A p99 varies from process to process, so there are more and shorter rounds than in the
// closed loops.
const (
	openRoundsEach = 2
	longestOpen    = 1500 * time.Millisecond
	longestProbe   = 2 * time.Second
	probe          = "probe" // the measure that finds the rate where refresh was not measured
)

// openPeers are compared at a fixed rate.
func (r *refreshRun) openPeers() []peer.Peer {
	return slices.DeleteFunc(slices.Clone(r.peers), func(p peer.Peer) bool { return !r.Open || p.Name != peer.Product && p.Name != "page" })
}

// runOpen loads the open peers at one rate for all.
func (r *refreshRun) runOpen(ctx context.Context) error {
	peers := r.openPeers()
	if len(peers) == 0 {
		return nil
	}
	m := r.refreshMeasure(peers)
	if !r.Refresh && r.OpenRate == 0 {
		m.name, m.duration = probe, min(r.Duration, longestProbe)
		probes, err := r.takeAll(ctx, plan([]measure{m}, 1))
		if err != nil {
			return err
		}
		r.measured = append(r.measured, probes...)
	}
	m.name, m.duration, m.rate = measureOpen, min(r.Duration, longestOpen), openRate(r.OpenRate, peers, r.measured)
	if m.rate == 0 {
		fmt.Fprintln(r.progress, "no open loop: a closed loop gave no good answer to derive its rate from, and there is no -open-rate")
		return nil
	}
	opened, err := r.takeAll(ctx, plan([]measure{m}, r.Rounds*openRoundsEach))
	r.measured = append(r.measured, opened...)
	return err
}

// openRate is the chosen rate, or half of what the slowest peer did in the closed loops, a
// load that all can bear. It is 0 where one of them gave nothing there.
func openRate(chosen float64, peers []peer.Peer, measured []report.Measurement) float64 {
	if chosen > 0 {
		return chosen
	}
	var rates []float64
	for _, p := range peers {
		var of []float64
		for _, m := range measured {
			if rate, ok := m.Figures[report.Rate]; ok && m.Subject == p.Name && (m.Measure == measureRefresh || m.Measure == probe) {
				of = append(of, rate)
			}
		}
		rates = append(rates, report.Median(of))
	}
	return slices.Min(rates) / 2
}

const (
	// clientShare is how much of a p99 may be the client's own lag.
	clientShare = 0.5
	// overrun is the percentage of waiting requests beyond which the rate is too high.
	overrun = 10
)

// clientLate reports whether the client, and not the server, made a p99.
func clientLate(s report.Summary) bool {
	lag, ok := s.Spreads[report.LagP99]
	return ok && lag.Median > clientShare*s.Median(report.P99)
}

// openNotes says where figures are about the client, or about a queue.
func openNotes(r *report.Report, s report.Summary) {
	if clientLate(s) {
		r.Notes.Add("%s %s: the client itself was late, %.2f ms at its p99 of a p99 of %.2f ms: this says nothing about the server",
			s.Measure, s.Subject, s.Median(report.LagP99), s.Median(report.P99))
	}
	if waited := s.Median(report.Waited); waited > overrun {
		r.Notes.Add("%s %s: %.0f %% of the requests found all connections busy: the server could not bear %.0f requests/s beside what else the machine did, its latencies are those of a queue",
			s.Measure, s.Subject, waited, s.Median(report.Asked))
	}
}
