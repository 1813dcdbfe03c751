package app

import (
	"time"

	"pagesession/internal/monitor"
	"pagesession/storage"
)

// counters returns a function that reads a storage's figures for the monitor. Its
// latencies cover the time since its last call, so only one goroutine may call it.
func counters(s *storage.Storage) func() monitor.Counters {
	before := s.Stats()
	return func() monitor.Counters {
		now := s.Stats()
		c := monitor.Counters{
			Sessions: now.Sessions, Queued: now.Queued, FileBytes: now.FileBytes,
			Refreshes: now.Refreshes, Creations: now.Creations,
			Idle: now.Ends.Idle, Absolute: now.Ends.Absolute, Deleted: now.Ends.Deleted, Revoked: now.Ends.Revoked,
		}
		c.CommitMedian, c.Commit99 = latency(now.CommitTime.Since(before.CommitTime))
		c.FlushMedian, c.Flush99 = latency(now.FlushTime.Since(before.FlushTime))
		before = now
		return c
	}
}

// latency returns 0 and 0 if nothing was measured.
func latency(l storage.Latencies) (median, p99 time.Duration) {
	if l.Count() == 0 {
		return 0, 0
	}
	return l.Quantile(0.5), max(l.Quantile(0.99), time.Microsecond)
}
