package redis

import (
	"context"
	"sync/atomic"
	"time"

	"pagesession/storage/record"
)

// Stats counts since Open what was done through this Store. Other servers on the same Redis
// have their own.
type Stats struct {
	Refreshes uint64 // calls of Refresh that found a live session
	Creations uint64 // new sessions, rotations not counted

	Deleted, Revoked, Replaced uint64 // sessions that were ended
	TimedOut                   uint64 // sessions that had timed out, as sweeps found; one server sweeps at a time

	Retries uint64           // commands that were sent again after a lost connection
	Calls   record.Latencies // of calls to Redis, with their retries

	CallTotal time.Duration // the sum of these durations
}

// tally has the counters of Stats, without Retries.
type tally struct {
	refreshes, creations atomic.Uint64
	ends                 [record.Reasons]atomic.Uint64 // NoReason: timed out
	calls                [len(record.Latencies{})]atomic.Uint64
	nanos                atomic.Int64 // of all calls
}

func (t *tally) call(took time.Duration) {
	t.calls[record.LatencyClass(took)].Add(1)
	t.nanos.Add(int64(took))
}

// Stats returns the counters. It asks Redis nothing. It is safe for concurrent use.
func (s *Store) Stats() Stats {
	t := &s.tally
	all := Stats{
		Refreshes: t.refreshes.Load(), Creations: t.creations.Load(),
		Deleted: t.ends[record.Deleted].Load(), Revoked: t.ends[record.Revoked].Load(), Replaced: t.ends[record.Replaced].Load(),
		TimedOut: t.ends[record.NoReason].Load(), Retries: s.retries.Load(), CallTotal: time.Duration(t.nanos.Load()),
	}
	for i := range t.calls {
		all.Calls[i] = t.calls[i].Load()
	}
	return all
}

// Count returns the number of entries of the index: all live sessions, and those that timed
// out in the last minutes. It takes 1,024 short commands. Errors: ErrNoIndex,
// record.ErrUnavailable, the context's.
func (s *Store) Count(ctx context.Context) (int, error) {
	if s.cfg.NoIndex {
		return 0, ErrNoIndex
	}
	return s.total(ctx)
}
