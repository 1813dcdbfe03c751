// Package report turns measurements into tables, charts, JSON and a verdict.
package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"pagesession/bench/load"
)

// Names of figures that several scenarios have.
const (
	Rate   = "requests_per_second" // good answers
	P50    = "p50_ms"
	P99    = "p99_ms"
	P999   = "p999_ms"
	MaxMS  = "max_ms"
	CPU    = "cpu_us_per_request" // of the server
	Size   = "body_bytes"
	Asked  = "requests_per_second_asked" // of an open loop
	Waited = "waited_percent"            // requests that were due while all connections were busy
	LagP99 = "client_lag_p99_ms"         // how late the client itself was
	Memory = "memory_bytes"
	File   = "file_bytes"
	Second = "second" // since the load began
)

// Figures are measured values by name. An unknown one is missing.
type Figures map[string]float64

// A Measurement has the figures of one load, or of one moment of it.
type Measurement struct {
	Measure string      `json:"measure"`         // what was measured: refresh, create, ...
	Subject string      `json:"subject"`         // a peer, a size, a second, a state
	Round   int         `json:"round,omitempty"` // from 1; 0 for a sample
	Figures Figures     `json:"figures"`
	Counts  load.Counts `json:"counts"`
	Crashes []Crash     `json:"crashes,omitempty"`
	Note    string      `json:"note,omitempty"`
}

// A Crash says how far a server came and why it crashed.
type Crash struct {
	After   int64   `json:"after_requests"`
	Seconds float64 `json:"after_seconds"`
	Cause   string  `json:"cause"`
}

// Take adds the result of a load.
func (m *Measurement) Take(r load.Result) {
	if m.Figures == nil {
		m.Figures = Figures{}
	}
	m.Counts.Add(r.Counts)
	if r.Rate() > 0 { // without a good answer it is unknown
		m.Figures[Rate] = r.Rate()
	}
	m.Figures.TakeTimes(r)
}

// TakeTimes adds the latencies, where there are some, and the figures of an open loop.
func (f Figures) TakeTimes(r load.Result) {
	if l := r.Latency; l != nil {
		f[P50], f[P99], f[P999], f[MaxMS] = l.P50, l.P99, l.P999, l.Max
	}
	if r.Asked > 0 {
		f[Asked], f[Waited] = r.Asked, 100*float64(r.Waited)/float64(max(1, r.Scheduled))
	}
	if r.Lag != nil {
		f[LagP99] = r.Lag.P99
	}
}

// TakeCPU adds the processor time of a request by a name such as CPU; nothing for 0
// requests.
func (f Figures) TakeCPU(name string, used time.Duration, requests int64) {
	if requests > 0 {
		f[name] = float64(used.Microseconds()) / float64(requests)
	}
}

// A Summary has all rounds of one subject in one measure.
type Summary struct {
	Measure string            `json:"measure"`
	Subject string            `json:"subject"`
	Spreads map[string]Spread `json:"figures"`
	Counts  load.Counts       `json:"counts"`
	Crashes []Crash           `json:"crashes,omitempty"`
	Rounds  int               `json:"rounds"`
}

// Flawless reports whether every request got a right answer and the server never crashed.
func (s Summary) Flawless() bool { return s.Counts.Flawless() && len(s.Crashes) == 0 }

// Median returns the median of a figure, 0 where it is unknown.
func (s Summary) Median(figure string) float64 { return s.Spreads[figure].Median }

// Summarize joins the rounds of each subject. A sample, which has no round, stays alone.
func Summarize(list []Measurement) []Summary {
	var sums []Summary
	var values []map[string][]float64 // of each summary, by figure
	for _, m := range list {
		at := slices.IndexFunc(sums, func(s Summary) bool { return m.Round > 0 && s.Measure == m.Measure && s.Subject == m.Subject })
		if at < 0 {
			at = len(sums)
			sums, values = append(sums, Summary{Measure: m.Measure, Subject: m.Subject}), append(values, map[string][]float64{})
		}
		sums[at].Rounds++
		sums[at].Counts.Add(m.Counts)
		sums[at].Crashes = append(sums[at].Crashes, m.Crashes...)
		for name, v := range m.Figures {
			values[at][name] = append(values[at][name], v)
		}
	}
	for i := range sums {
		sums[i].Spreads = map[string]Spread{}
		for name, v := range values[i] {
			sums[i].Spreads[name] = SpreadOf(v)
		}
	}
	return sums
}

// A Spread has the median and the extremes of some values.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	N      int     `json:"n"`
}

// SpreadOf returns the spread of one or more values, none of them NaN.
func SpreadOf(values []float64) Spread {
	return Spread{Median: Median(values), Min: slices.Min(values), Max: slices.Max(values), N: len(values)}
}

// Show writes the median, with the extremes if there are several values.
func (s Spread) Show(number func(float64) string) string {
	if s.N == 1 {
		return number(s.Median)
	}
	return fmt.Sprintf("%s (%s..%s)", number(s.Median), number(s.Min), number(s.Max))
}

// fixed returns a function that writes numbers with that many decimals.
func fixed(digits int) func(float64) string {
	return func(v float64) string { return strconv.FormatFloat(v, 'f', digits, 64) }
}

// by divides the values by a unit, unless that is 0.
func (s Spread) by(unit float64) Spread {
	if unit != 0 {
		s.Median, s.Min, s.Max = s.Median/unit, s.Min/unit, s.Max/unit
	}
	return s
}

// Median returns the middle value or the mean of the middle two; 0 for no values.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return (sorted[mid-1] + sorted[mid]) / 2
}

// Ratio returns a / b; ok is false unless both are positive and finite.
func Ratio(a, b float64) (r float64, ok bool) {
	if a <= 0 || b <= 0 || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return 0, false
	}
	return a / b, true
}

// MiB is the unit of sizes in tables and charts.
const MiB = 1 << 20

// Grown says how far the second half of a series exceeds the first, "" where it stays
// within atMost times the first plus slack.
func Grown(what string, values []float64, atMost, slack float64) string {
	half := len(values) / 2
	if half == 0 {
		return ""
	}
	first, second := slices.Max(values[:half]), slices.Max(values[half:])
	if second <= first*atMost+slack {
		return ""
	}
	unit, name := 1.0, ""
	if first > MiB {
		unit, name = MiB, " MiB"
	}
	return fmt.Sprintf("%s grew: at most %.4g%s in the first half, %.4g%s in the second; %g times are allowed", what, first/unit, name, second/unit, name, atMost)
}
