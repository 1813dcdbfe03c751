package main

import (
	"slices"
	"time"
)

// A run is what one load on one peer gave.
type run struct {
	Measure string `json:"measure"`
	Peer    string `json:"peer"`
	Round   int    `json:"round"`
	IDs     int    `json:"ids"` // live sessions that were visited
	result
	Bytes   int      `json:"bytes"`                        // of a good body
	CPU     *float64 `json:"cpu_us_per_request,omitempty"` // of the server; nil: unknown
	Crashes []crash  `json:"crashes,omitempty"`
	Note    string   `json:"note,omitempty"`

	began time.Time // when the load began; zero: it never did
}

// A crash is how far a server got.
type crash struct {
	After   int64   `json:"after_requests"`
	Seconds float64 `json:"after_seconds"`
	Cause   string  `json:"cause"`
}

// crashed turns the run of a server that died into what it gave until then:
// the time ends with the server, and the requests that found nobody after
// that are no errors of its own; the crash is told instead.
func (r run) crashed(srv server) run {
	if r.began.IsZero() {
		r.began = srv.ended
	}
	r.Seconds = min(r.Seconds, srv.ended.Sub(r.began).Seconds())
	r.Errors = 0
	r.Crashes = []crash{{After: r.Good + r.Expired + r.Wrong, Seconds: r.Seconds, Cause: srv.cause()}}
	return r
}

// A summary is all runs of one peer in one measure. Spreads are nil where no
// run has the figure; a run without a good answer has no rate.
type summary struct {
	Measure string  `json:"measure"`
	Peer    string  `json:"peer"`
	Rate    *spread `json:"requests_per_second"`
	P50     *spread `json:"p50_ms"`
	P99     *spread `json:"p99_ms"`
	P999    *spread `json:"p999_ms"`
	CPU     *spread `json:"cpu_us_per_request"`
	Good    int64   `json:"good"`
	Errors  int64   `json:"errors"`
	Expired int64   `json:"expired"`
	Wrong   int64   `json:"wrong"`
	Bytes   int     `json:"bytes"`
	Crashes []crash `json:"crashes,omitempty"`
	// Open is nil where the loop was closed.
	Open *openSummary `json:"open,omitempty"`
}

// flawless reports whether every request was answered rightly.
func (s summary) flawless() bool {
	return s.Good > 0 && s.Errors+s.Expired+s.Wrong == 0 && len(s.Crashes) == 0
}

// summarize gathers runs by measure and peer, in the order of peers.
func summarize(runs []run) []summary {
	var list []summary
	for _, measure := range []string{refresh, create, openMeasure} {
		for _, name := range peerNames() {
			of := slices.DeleteFunc(slices.Clone(runs), func(r run) bool {
				return r.Measure != measure || r.Peer != name
			})
			if len(of) > 0 {
				list = append(list, summarizeOne(of))
			}
		}
	}
	return list
}

// summarizeOne takes the runs of one peer in one measure; at least one.
func summarizeOne(runs []run) summary {
	sum := summary{Measure: runs[0].Measure, Peer: runs[0].Peer}
	var rates, p50s, p99s, p999s, cpus []float64
	for _, r := range runs {
		sum.Good += r.Good
		sum.Errors += r.Errors
		sum.Expired += r.Expired
		sum.Wrong += r.Wrong
		sum.Bytes = max(sum.Bytes, r.Bytes)
		sum.Crashes = append(sum.Crashes, r.Crashes...)
		if r.rate() > 0 {
			rates = append(rates, r.rate())
		}
		if r.Latency != nil {
			p50s, p99s, p999s = append(p50s, r.Latency.P50), append(p99s, r.Latency.P99), append(p999s, r.Latency.P999)
		}
		if r.CPU != nil {
			cpus = append(cpus, *r.CPU)
		}
	}
	sum.Rate, sum.P50, sum.P99 = spreadOrNil(rates), spreadOrNil(p50s), spreadOrNil(p99s)
	sum.P999, sum.CPU = spreadOrNil(p999s), spreadOrNil(cpus)
	sum.Open = summarizeOpen(runs)
	return sum
}

func spreadOrNil(values []float64) *spread {
	if s, ok := spreadOf(values); ok {
		return &s
	}
	return nil
}
