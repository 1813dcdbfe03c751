package monitor

import (
	"math"
	"time"
)

// Counters are what happened since the program started, and how things stand
// now. Latencies are of what was done since the call before. Memory and
// Goroutines are the monitor's own.
type Counters struct {
	Sessions  int64
	Queued    int   // changes in the queue
	FileBytes int64 // of the session file

	Refreshes, Creations             uint64
	Idle, Absolute, Deleted, Revoked uint64 // ended sessions by reason
	CommitMedian, Commit99           time.Duration
	FlushMedian, Flush99             time.Duration // 0 when nothing was flushed at all

	Memory     int64 // bytes that the process has from the system
	Goroutines int
}

// A Unit is how a figure is written. dashboard.js knows them by these names.
type Unit string

// The units. A figure in PerSecond counts up, and its samples are how fast.
const (
	Number    Unit = "number"
	PerSecond Unit = "rate"
	Millis    Unit = "ms"
	Bytes     Unit = "bytes"
)

// A Figure is one number of the dashboard. A new one is a row of Figures, and a
// field of Counters that package app fills.
type Figure struct {
	Name, Title string
	Unit        Unit
	Chart       string // the chart that it is a line of; "" is none
	Tile        bool   // it also stands large at the top
	count       func(Counters) float64
}

// Figures are in the order of a Sample's Values, and so are the charts' lines.
var Figures = []Figure{
	{"sessions", "Live sessions", Number, "Live sessions", true, func(c Counters) float64 { return float64(c.Sessions) }},
	{"refreshes", "Refreshes", PerSecond, "Refreshes", true, func(c Counters) float64 { return float64(c.Refreshes) }},
	{"creations", "Created", PerSecond, "Created and ended", true, func(c Counters) float64 { return float64(c.Creations) }},
	{"ends", "Ended", PerSecond, "", true, func(c Counters) float64 { return float64(c.Idle + c.Absolute + c.Deleted + c.Revoked) }},
	{"idle", "Ended: timed out", PerSecond, "Created and ended", false, func(c Counters) float64 { return float64(c.Idle) }},
	{"deleted", "Ended by the visitor", PerSecond, "Created and ended", false, func(c Counters) float64 { return float64(c.Deleted) }},
	{"revoked", "Ended by an operator", PerSecond, "Created and ended", false, func(c Counters) float64 { return float64(c.Revoked) }},
	{"absolute", "Ended: longest time", PerSecond, "Created and ended", false, func(c Counters) float64 { return float64(c.Absolute) }},
	{"commit", "Commit, median", Millis, "Commits and flushes", false, func(c Counters) float64 { return inMillis(c.CommitMedian) }},
	{"commit99", "Commit, 99 %", Millis, "Commits and flushes", false, func(c Counters) float64 { return inMillis(c.Commit99) }},
	{"flush", "Flush, median", Millis, "Commits and flushes", false, func(c Counters) float64 { return inMillis(c.FlushMedian) }},
	{"flush99", "Flush, 99 %", Millis, "Commits and flushes", false, func(c Counters) float64 { return inMillis(c.Flush99) }},
	{"memory", "Memory", Bytes, "Memory and file", false, func(c Counters) float64 { return float64(c.Memory) }},
	{"file", "Session file", Bytes, "Memory and file", false, func(c Counters) float64 { return float64(c.FileBytes) }},
	{"waiting", "Changes in the queue", Number, "Queue and goroutines", false, func(c Counters) float64 { return float64(c.Queued) }},
	{"goroutines", "Goroutines", Number, "Queue and goroutines", false, func(c Counters) float64 { return float64(c.Goroutines) }},
}

// inMillis is NaN where nothing was measured, in a second without commits.
func inMillis(d time.Duration) float64 {
	if d == 0 {
		return math.NaN()
	}
	return float64(d) / float64(time.Millisecond)
}

// A Sample is one second of the server's life.
type Sample struct {
	Seq    uint64    // counts up; it goes on where an earlier process was, or later
	At     time.Time // end of the second, wall clock
	Values []float64 // one for each of Figures; NaN where nothing was measured
}

// SampleOf returns what happened between two counts, took apart, without a number
// and a time. A counter that went back, which none should, counts as none.
func SampleOf(now, before Counters, took time.Duration) Sample {
	values := make([]float64, len(Figures))
	for i, f := range Figures {
		values[i] = f.count(now)
		if f.Unit == PerSecond {
			values[i] = max(0, values[i]-f.count(before)) / took.Seconds()
		}
	}
	return Sample{Values: values}
}
