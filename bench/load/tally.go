package load

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Counts has the number of requests by verdict.
type Counts struct {
	Good    int64 `json:"good"`
	Expired int64 `json:"expired"`
	Wrong   int64 `json:"wrong"`
	Errors  int64 `json:"errors"`
}

// Add adds the requests of o.
func (c *Counts) Add(o Counts) {
	c.Good, c.Expired, c.Wrong, c.Errors = c.Good+o.Good, c.Expired+o.Expired, c.Wrong+o.Wrong, c.Errors+o.Errors
}

// Answered returns how many requests got an answer of any kind.
func (c Counts) Answered() int64 { return c.Good + c.Expired + c.Wrong }

// Failed returns how many requests lack a right answer.
func (c Counts) Failed() int64 { return c.Expired + c.Wrong + c.Errors }

// Flawless reports whether there were requests and each got a right answer.
func (c Counts) Flawless() bool { return c.Good > 0 && c.Failed() == 0 }

func (c Counts) String() string {
	return fmt.Sprintf("%d good, %d errors, %d expired, %d wrong", c.Good, c.Errors, c.Expired, c.Wrong)
}

// Latency holds percentiles in milliseconds.
type Latency struct {
	P50  float64 `json:"p50_ms"`
	P90  float64 `json:"p90_ms"`
	P99  float64 `json:"p99_ms"`
	P999 float64 `json:"p999_ms"`
	Max  float64 `json:"max_ms"`
}

func (l *Latency) String() string {
	if l == nil {
		return "no latency"
	}
	return fmt.Sprintf("p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms", l.P50, l.P99, l.P999)
}

// A Tally counts requests by verdict, with the times of good ones. It is not safe for
// concurrent use.
type Tally struct {
	Counts
	times *hdrhistogram.Histogram // microseconds
}

// NewTally returns an empty Tally.
func NewTally() *Tally { return &Tally{times: newHistogram(0)} }

// Add counts a request, which took that long.
func (t *Tally) Add(v Verdict, took time.Duration) {
	switch v {
	case Good:
		t.Good++
		observe(t.times, took)
	case Expired:
		t.Expired++
	case Wrong:
		t.Wrong++
	case NoAnswer:
		t.Errors++
	}
}

// Merge adds the counts of o.
func (t *Tally) Merge(o *Tally) {
	t.Counts.Add(o.Counts)
	t.times.Merge(o.times)
}

// Latency returns that of good answers, nil without any.
func (t *Tally) Latency() *Latency { return percentiles(t.times) }

// newHistogram has room for wait and two timeouts, one to write and one to read.
func newHistogram(wait time.Duration) *hdrhistogram.Histogram {
	return hdrhistogram.New(1, (wait + 2*AnswerTimeout).Microseconds(), 3)
}

// observe records a value; one out of range counts as the largest.
func observe(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(min(d.Microseconds(), h.HighestTrackableValue()))
}

// percentiles reads a histogram of microseconds; it returns nil for an empty one.
func percentiles(times *hdrhistogram.Histogram) *Latency {
	if times.TotalCount() == 0 {
		return nil
	}
	at := func(percent float64) float64 { return float64(times.ValueAtQuantile(percent)) / 1e3 }
	return &Latency{P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: float64(times.Max()) / 1e3}
}
