package monitor

import (
	"math"
	"slices"
	"time"
)

// Counters are totals since the program started, and current values. Latencies cover the
// time since the call before. The monitor itself fills Memory and Goroutines.
type Counters struct {
	Sessions  int64
	Queued    int   // changes in the queue
	FileBytes int64 // of the session file

	Refreshes, Creations             uint64
	Idle, Absolute, Deleted, Revoked uint64 // ended sessions by reason
	CommitMedian, Commit99           time.Duration
	FlushMedian, Flush99             time.Duration // 0 if nothing was flushed

	// Only of a session server.
	Expired            uint64        // sessions that timed out, by whichever timeout
	Retries            uint64        // commands that were sent again
	CallMedian, Call99 time.Duration // 0 if nothing was asked

	Memory     int64 // bytes that the process takes from the system
	Goroutines int
}

// A Unit is the unit of a figure. dashboard.js uses the same names.
type Unit string

// The units. A figure in PerSecond is a total, and its samples are its growth per second.
const (
	Number    Unit = "number"
	PerSecond Unit = "rate"
	Millis    Unit = "ms"
	Bytes     Unit = "bytes"
)

// A Figure is one number of the dashboard. To add one, write a row of Figures and a field
// of Counters, and fill the field in package app.
type Figure struct {
	Name, Title string
	Unit        Unit
	Chart       string // the chart that shows it as a line; "" for none
	Tile        bool   // also shown large at the top
	count       func(Counters) float64
}

// Figures is in the order of Sample.Values and of the lines in each chart.
var Figures = []Figure{
	{"sessions", "Live sessions", Number, "Live sessions", true, func(c Counters) float64 { return float64(c.Sessions) }},
	{"refreshes", "Refreshes", PerSecond, "Refreshes", true, func(c Counters) float64 { return float64(c.Refreshes) }},
	{"creations", "Created", PerSecond, "Created and ended", true, func(c Counters) float64 { return float64(c.Creations) }},
	{"ends", "Ended", PerSecond, "", true, func(c Counters) float64 { return float64(c.Idle + c.Absolute + c.Expired + c.Deleted + c.Revoked) }},
	{"idle", "Expired: idle timeout", PerSecond, "Created and ended", false, func(c Counters) float64 { return float64(c.Idle) }},
	{"deleted", "Deleted by visitor", PerSecond, "Created and ended", false, func(c Counters) float64 { return float64(c.Deleted) }},
	{"revoked", "Ended by operator", PerSecond, "Created and ended", false, func(c Counters) float64 { return float64(c.Revoked) }},
	{"absolute", "Expired: absolute timeout", PerSecond, "Created and ended", false, func(c Counters) float64 { return float64(c.Absolute) }},
	{"commit", "Changes, typical", Millis, "Time to save", false, func(c Counters) float64 { return inMillis(c.CommitMedian) }},
	{"commit99", "Changes, slow", Millis, "Time to save", false, func(c Counters) float64 { return inMillis(c.Commit99) }},
	{"flush", "Visits, typical", Millis, "Time to save", false, func(c Counters) float64 { return inMillis(c.FlushMedian) }},
	{"flush99", "Visits, slow", Millis, "Time to save", false, func(c Counters) float64 { return inMillis(c.Flush99) }},
	{"expired", "Expired", PerSecond, "Created and ended", false, func(c Counters) float64 { return float64(c.Expired) }},
	{"call", "Redis, typical", Millis, "Time that Redis takes", false, func(c Counters) float64 { return inMillis(c.CallMedian) }},
	{"call99", "Redis, slow", Millis, "Time that Redis takes", false, func(c Counters) float64 { return inMillis(c.Call99) }},
	{"retries", "Commands sent again", PerSecond, "Commands to Redis sent again", false, func(c Counters) float64 { return float64(c.Retries) }},
	{"memory", "Memory", Bytes, "Memory and file", false, func(c Counters) float64 { return float64(c.Memory) }},
	{"file", "Session file", Bytes, "Memory and file", false, func(c Counters) float64 { return float64(c.FileBytes) }},
	{"waiting", "Changes that wait", Number, "Changes and tasks", false, func(c Counters) float64 { return float64(c.Queued) }},
	{"goroutines", "Tasks", Number, "Changes and tasks", false, func(c Counters) float64 { return float64(c.Goroutines) }},
}

// Of reports whether sessions on a session server have the figure, or those in a file.
func (f Figure) Of(server bool) bool {
	switch f.Name {
	case "idle", "absolute", "commit", "commit99", "flush", "flush99", "file", "waiting":
		return !server
	case "expired", "call", "call99", "retries":
		return server
	default:
		return true
	}
}

// Sums reports whether the figure of sessions on a session server is the sum over all servers
// that share them. The other rates and values are those of one server; live sessions are counted
// on the session server.
func (f Figure) Sums() bool {
	switch f.Name {
	case "refreshes", "creations", "ends", "deleted", "revoked", "expired":
		return true
	default:
		return false
	}
}

// inMillis returns NaN if nothing was measured, as in a second without commits.
func inMillis(d time.Duration) float64 {
	if d == 0 {
		return math.NaN()
	}
	return float64(d) / float64(time.Millisecond)
}

// A Sample has the figures of one second.
type Sample struct {
	Seq    uint64    // counts up, also from one process to the next
	At     time.Time // end of the second, wall clock
	Values []float64 // one for each of Figures; NaN if nothing was measured
}

// SampleOf returns the sample between two counts with the duration took between them. Seq
// and At are left out. A total that has fallen, which should not happen, counts as 0.
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

// InOrder returns samples with times that grow, as a chart needs them. What was sampled before
// the clock was set back moves back as far as the clock did. dashboard.js does the same.
func InOrder(samples []Sample) []Sample {
	all := slices.Clone(samples)
	moved := time.Duration(0)
	for i := len(all) - 2; i >= 0; i-- {
		latest := all[i+1].At.Add(-Interval)
		if all[i].At = all[i].At.Add(moved); all[i].At.After(latest) {
			moved -= all[i].At.Sub(latest)
			all[i].At = latest
		}
	}
	return all
}
