package report

import (
	"slices"
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
	Waited = "waited_percent"            // were due while all connections were busy
	LagP99 = "client_lag_p99_ms"         // by how much the client itself was late
	Memory = "memory_bytes"
	File   = "file_bytes"
	Second = "second" // since the load began
)

// Figures are what was measured, by name. What is unknown is missing.
type Figures map[string]float64

// A Measurement is what one load, or one moment of it, gave.
type Measurement struct {
	Measure string      `json:"measure"` // what was asked: refresh, create, ...
	Subject string      `json:"subject"` // of whom or in what state
	Round   int         `json:"round,omitempty"`
	Figures Figures     `json:"figures"`
	Counts  load.Counts `json:"counts"`
	Crashes []Crash     `json:"crashes,omitempty"`
	Note    string      `json:"note,omitempty"`
}

// A Crash is how far a server got.
type Crash struct {
	After   int64   `json:"after_requests"`
	Seconds float64 `json:"after_seconds"`
	Cause   string  `json:"cause"`
}

// Take adds what a load gave.
func (m *Measurement) Take(r load.Result) {
	if m.Figures == nil {
		m.Figures = Figures{}
	}
	m.Counts.Add(r.Counts)
	m.Figures.set(Rate, r.Rate())
	m.Figures.TakeTimes(r)
}

// TakeTimes adds latencies, where there are some, and what only an open loop tells.
func (f Figures) TakeTimes(r load.Result) {
	if l := r.Latency; l != nil {
		f[P50], f[P99], f[P999], f[MaxMS] = l.P50, l.P99, l.P999, l.Max
	}
	if o := r.Open; o != nil {
		f[Asked], f[Waited] = o.Rate, 100*float64(o.Waited)/float64(max(1, o.Scheduled))
		if o.Lag != nil {
			f[LagP99] = o.Lag.P99
		}
	}
}

// TakeCPU adds the processor time of a request, unless there was none.
func (f Figures) TakeCPU(used time.Duration, requests int64) {
	if requests > 0 {
		f[CPU] = float64(used.Microseconds()) / float64(requests)
	}
}

// set leaves out what is 0: no good answer has no rate.
func (f Figures) set(name string, value float64) {
	if value > 0 {
		f[name] = value
	}
}

// A Summary is all rounds of one subject in one measure, with the figures it has.
type Summary struct {
	Measure string            `json:"measure"`
	Subject string            `json:"subject"`
	Spreads map[string]Spread `json:"figures"`
	Counts  load.Counts       `json:"counts"`
	Crashes []Crash           `json:"crashes,omitempty"`
	Rounds  int               `json:"rounds"`
}

// Flawless reports whether every request was answered rightly.
func (s Summary) Flawless() bool { return s.Counts.Flawless() && len(s.Crashes) == 0 }

// Median is that of a figure, 0 where it is unknown.
func (s Summary) Median(figure string) float64 { return s.Spreads[figure].Median }

// Summarize gathers the rounds of each subject; a measurement without one stays alone.
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
