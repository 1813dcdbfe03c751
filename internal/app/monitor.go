package app

import (
	"time"

	"pagesession/internal/monitor"
	"pagesession/storage"
)

// counters returns a function that counts what a storage did, for the monitor.
// It is for one goroutine: latencies are of what came since its last call.
func counters(s *storage.Storage) func() monitor.Counters {
	before := s.Stats()
	return func() monitor.Counters {
		now := s.Stats()
		c := monitor.Counters{
			Sessions: now.Sessions, Waiting: now.Waiting, FileBytes: now.FileBytes,
			Refreshes: now.Refreshes, Creations: now.Creations,
			Ends: monitor.Ends{
				Idle: now.Ends.Idle, Absolute: now.Ends.Absolute, Deleted: now.Ends.Deleted, Revoked: now.Ends.Revoked,
			},
			Commit: latency(now.CommitTime.Since(before.CommitTime)),
			Flush:  latency(now.FlushTime.Since(before.FlushTime)),
		}
		before = now
		return c
	}
}

func latency(l storage.Latencies) monitor.Latency {
	if l.Count() == 0 {
		return monitor.Latency{}
	}
	return monitor.Latency{Median: l.Quantile(0.5), P99: max(l.Quantile(0.99), time.Microsecond)}
}
