package monitor

import "time"

// Counters are what happened since the program started, and how things stand
// now. Latencies are of what was done since the call before.
type Counters struct {
	Sessions  int64
	Waiting   int   // changes in the queue
	FileBytes int64 // of the session file

	Refreshes, Creations uint64
	Ends                 Ends

	Commit, Flush Latency
}

// Ends counts ended sessions by reason.
type Ends struct {
	Idle, Absolute, Deleted, Revoked uint64
}

// A Latency is how long something took: half of the times at most Median, 99 of
// 100 at most P99. Both are 0 when it was not done at all.
type Latency struct{ Median, P99 time.Duration }

// A Sample is one second of the server's life. Rates are by the second.
type Sample struct {
	Seq uint64    // counts up; it goes on where an earlier process was, or later
	At  time.Time // end of the second, wall clock

	Sessions  int64
	Waiting   int
	FileBytes int64

	Refreshes, Creations             float64
	Idle, Absolute, Deleted, Revoked float64 // ends by reason

	Commit, Flush Latency

	Memory     int64 // bytes that the process has from the system
	Goroutines int
}

// Ends is the rate of all ends.
func (s Sample) Ends() float64 { return s.Idle + s.Absolute + s.Deleted + s.Revoked }

// sampleOf is what happened between two counts, took apart. A counter that went
// back, which none should, counts as none.
func sampleOf(now, before Counters, took time.Duration) Sample {
	rate := func(now, before uint64) float64 {
		if now < before || took <= 0 {
			return 0
		}
		return float64(now-before) / took.Seconds()
	}
	return Sample{
		Sessions: now.Sessions, Waiting: now.Waiting, FileBytes: now.FileBytes,
		Refreshes: rate(now.Refreshes, before.Refreshes),
		Creations: rate(now.Creations, before.Creations),
		Idle:      rate(now.Ends.Idle, before.Ends.Idle),
		Absolute:  rate(now.Ends.Absolute, before.Ends.Absolute),
		Deleted:   rate(now.Ends.Deleted, before.Ends.Deleted),
		Revoked:   rate(now.Ends.Revoked, before.Ends.Revoked),
		Commit:    now.Commit, Flush: now.Flush,
	}
}
