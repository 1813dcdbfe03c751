package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// An openSummary is what open loops tell beyond closed ones.
type openSummary struct {
	Asked     float64 `json:"requests_per_second_asked"`
	Rounds    int     `json:"rounds"`
	Seconds   float64 `json:"seconds"` // of the schedule, each round
	Scheduled int64   `json:"scheduled"`
	Waited    int64   `json:"waited"`
	LagP99    *spread `json:"client_lag_p99_ms"`
}

// summarizeOpen gathers the open loops among runs of one peer in one measure;
// nil where there is none.
func summarizeOpen(runs []run) *openSummary {
	var sum *openSummary
	var lags []float64
	for _, r := range runs {
		if r.Open == nil {
			continue
		}
		if sum == nil {
			sum = &openSummary{Asked: r.Open.Rate, Seconds: float64(r.Open.Scheduled) / r.Open.Rate}
		}
		sum.Rounds++
		sum.Scheduled += r.Open.Scheduled
		sum.Waited += r.Open.Waited
		if r.Open.Lag != nil {
			lags = append(lags, r.Open.Lag.P99)
		}
	}
	if sum != nil {
		sum.LagP99 = spreadOrNil(lags)
	}
	return sum
}

// clientShare is how much of a p99 may be the client's own p99 of lag. Lag is
// part of each latency; past this a figure is about the client.
const clientShare = 0.5

// clientLate reports whether the client, and not the server, made a p99.
func clientLate(s summary) bool {
	return s.Open != nil && s.Open.LagP99 != nil && s.P99 != nil && s.Open.LagP99.Median > clientShare*s.P99.Median
}

// compareOpen sets the p99 of ours against a peer's, at one rate. Where the
// client was late nobody is judged.
func compareOpen(own, other summary, floors []floor) []comparison {
	r, ok := ratioOf(own.P99, other.P99)
	if !ok {
		return nil
	}
	if clientLate(own) || clientLate(other) {
		floors = nil
	}
	return []comparison{judgeRatio(openMeasure, other.Peer, r, floors)}
}

// overrunShare is the share of requests that waited for a connection from
// which on a rate was more than the server could bear.
const overrunShare = 0.1

// openNotes says where figures are about the client, or about a queue.
func openNotes(summaries []summary) []string {
	var list []string
	for _, s := range summaries {
		if clientLate(s) {
			list = append(list, fmt.Sprintf("open %s: the client itself was late, %s ms at its p99 of a p99 of %s ms: this says nothing about the server",
				s.Peer, show(s.Open.LagP99, 2), show(s.P99, 2)))
		}
		if s.Open != nil && float64(s.Open.Waited) > overrunShare*float64(s.Open.Scheduled) {
			list = append(list, fmt.Sprintf("open %s: %.0f %% of the requests found all connections busy: the server could not bear %.0f requests/s beside what else the machine did, its latencies are those of a queue",
				s.Peer, 100*float64(s.Open.Waited)/float64(s.Open.Scheduled), s.Open.Asked))
		}
	}
	return list
}

// printOpen writes the table of the open loop, where there was one.
func (r report) printOpen(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	titled := false
	for _, s := range r.Summaries {
		if s.Open == nil {
			continue
		}
		if !titled {
			titled = true
			fmt.Fprintf(table, "\nopen: GET /get/ at %.0f requests/s, evenly spaced, %d connections, %d rounds of %s, latency from the scheduled instant\n",
				s.Open.Asked, r.Setup.Connections, s.Open.Rounds, time.Duration(s.Open.Seconds*1e9).Round(10*time.Millisecond))
			fmt.Fprintln(table, "peer\tanswers/s\tp50 ms\tp99 ms\tp99.9 ms\twaited\tclient's own p99 ms\terrors\texpired\twrong\tcrashes\tp99 of ours is")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%.1f %%\t%s\t%d\t%d\t%d\t%d\t%s\n", s.Peer, show(s.Rate, 0),
			show(s.P50, 2), show(s.P99, 2), show(s.P999, 2), 100*float64(s.Open.Waited)/float64(max(1, s.Open.Scheduled)),
			show(s.Open.LagP99, 2), s.Errors, s.Expired, s.Wrong, len(s.Crashes), r.showRatio(s.Measure, s.Peer))
	}
	_ = table.Flush()
}
