package storage

import (
	"iter"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/storage/internal/index"
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

	Fenced bool // the file failed: nothing is written any more
}

// Ends counts ended sessions by reason, since Open. Timeouts are counted when
// the session is swept, up to SweepInterval after it expired.
type Ends struct {
	Idle, Absolute, Deleted, Revoked, Replaced uint64
}

func endsOf(n *[record.Reasons]uint64) Ends {
	return Ends{Idle: n[record.Idle], Absolute: n[record.Absolute], Deleted: n[record.Deleted], Revoked: n[record.Revoked], Replaced: n[record.Replaced]}
}

type writerStats struct {
	changes, creations, commits, touches atomic.Uint64
	last, longest                        atomic.Int64

	mu                    sync.Mutex // protects everything below
	commitTime, flushTime Latencies
	flushed               time.Time
}

// commit counts a transaction that became durable. Only the writer calls it.
func (st *writerStats) commit(b *batch, took time.Duration) {
	if !b.wrote {
		return
	}
	done, created := uint64(0), uint64(0)
	for _, c := range b.changes {
		if c.ok && c.err == nil {
			done++
			if c.creates() {
				created++
			}
		}
	}
	st.changes.Add(done)
	st.creations.Add(created)
	st.commits.Add(1)
	st.time(b, took)
	st.touches.Add(uint64(b.touched))
	st.last.Store(int64(took))
	st.longest.Store(max(st.longest.Load(), int64(took)))
}

func (st *writerStats) time(b *batch, took time.Duration) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.commitTime.add(took)
	if b.touched > 0 {
		st.flushTime.add(took)
		st.flushed = b.w.line.Clock.Wall()
	}
}

func (st *writerStats) readTimes(to *Stats) {
	st.mu.Lock()
	defer st.mu.Unlock()
	to.CommitTime, to.FlushTime, to.LastFlush = st.commitTime, st.flushTime, st.flushed
}

// Stats returns the counters. It takes every shard's lock for a moment.
func (s *Storage) Stats() Stats {
	st := Stats{
		Sessions:   s.index.Count.Load(),
		ValueBytes: s.index.Bytes.Load(),
		Queued:     len(s.writer.queue),
		Changes:    s.writer.stats.changes.Load(),
		Commits:    s.writer.stats.commits.Load(),
		Touches:    s.writer.stats.touches.Load(),
		LastCommit: time.Duration(s.writer.stats.last.Load()),
		MaxCommit:  time.Duration(s.writer.stats.longest.Load()),
		Dropped:    s.dropped,
		Creations:  s.writer.stats.creations.Load(),
		Fenced:     s.writer.fenced() != nil,
	}
	s.writer.stats.readTimes(&st)
	refreshes, ends := s.index.Totals()
	st.Refreshes = refreshes
	st.Ends = endsOf(&ends)
	if info, err := os.Stat(s.cfg.Database); err == nil {
		st.FileBytes = info.Size()
	}
	return st
}

// All iterates over the live sessions, in no order. Each Record is true for
// the instant at which its part of the index was read; sessions that come or
// go meanwhile may be seen or not. No lock is held while the caller works.
func (s *Storage) All() iter.Seq2[record.Key, record.Record] {
	return func(yield func(record.Key, record.Record) bool) {
		var keys []record.Key
		var records []record.Record
		for i := range index.Shards {
			keys, records = s.index.Snapshot(i, keys[:0], records[:0], s.line.Now())
			for j := range keys {
				if !yield(keys[j], records[j]) {
					return
				}
			}
		}
	}
}
