package storage

import (
	"os"
	"sync"
	"time"

	"pagesession/storage/record"
)

// Stats are counters since Open and sizes of this moment.
type Stats struct {
	Sessions   int64 // in memory, expired ones that are not yet swept included
	ValueBytes int64 // of their values
	Queued     int   // changes that wait for the disk
	FileBytes  int64 // size of the session file

	Refreshes uint64 // calls of Refresh that found a live session
	Changes   uint64 // creations, changes and ends that became durable
	Commits   uint64 // transactions, each with its fsync
	Touches   uint64 // deadlines written to the file

	Creations uint64 // sessions that became durable; rotations create none
	Ends      Ends

	LastCommit time.Duration // how long the last transaction took
	MaxCommit  time.Duration // the longest since Open
	CommitTime Latencies     // of all transactions
	FlushTime  Latencies     // of those that wrote touches; one is due every FlushInterval
	LastFlush  time.Time     // wall clock; zero: none was needed yet

	Dropped int // sessions of the file that had expired before Open read it

	Fenced bool // the file failed and is no longer written
}

// Ends counts ended sessions by reason, since Open. Timeouts are counted when
// the session is swept, up to SweepInterval after it expired.
type Ends struct {
	Idle, Absolute, Deleted, Revoked, Replaced uint64
}

// A tally is what the writer counts.
type tally struct {
	mu sync.Mutex // protects it
	Stats
}

// commit counts a transaction that became durable.
func (t *tally) commit(b *batch, took time.Duration) {
	if !b.wrote {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range b.changes {
		if c.ok && c.err == nil {
			t.Changes++
			if c.creates() {
				t.Creations++
			}
		}
	}
	t.Commits++
	t.Touches += uint64(b.touched)
	t.LastCommit, t.MaxCommit = took, max(t.MaxCommit, took)
	t.CommitTime.add(took)
	if b.touched > 0 {
		t.FlushTime.add(took)
		t.LastFlush = b.w.line.Clock.Wall()
	}
}

func (t *tally) read() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Stats
}

// Stats returns the counters. It takes every shard's lock for a moment.
func (s *Storage) Stats() Stats {
	st := s.writer.stats.read()
	st.Sessions, st.ValueBytes = s.index.Count.Load(), s.index.Bytes.Load()
	st.Queued, st.Dropped, st.Fenced = len(s.writer.queue), s.dropped, s.writer.fenced() != nil
	var n [record.Reasons]uint64
	st.Refreshes, n = s.index.Totals()
	st.Ends = Ends{Idle: n[record.Idle], Absolute: n[record.Absolute], Deleted: n[record.Deleted], Revoked: n[record.Revoked], Replaced: n[record.Replaced]}
	if info, err := os.Stat(s.cfg.Database); err == nil {
		st.FileBytes = info.Size()
	}
	return st
}
