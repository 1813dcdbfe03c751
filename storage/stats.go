package storage

import (
	"os"
	"sync"
	"time"

	"pagesession/storage/record"
)

// Stats are counters since Open, and sizes at this moment.
type Stats struct {
	Sessions   int64 // in memory, including expired ones that are not yet swept
	ValueBytes int64 // bytes of all values
	Queued     int   // changes that wait for the disk
	FileBytes  int64 // of the session file; 0: unknown

	Refreshes uint64 // calls of Refresh that found a live session
	Changes   uint64 // creations, changes and ends that became durable
	Commits   uint64 // transactions, each with its fsync
	Touches   uint64 // refreshed deadlines written to the file
	// CommitBytes is the size of the pages that transactions wrote.
	CommitBytes uint64
	Refused     uint64 // creations beyond MaxSessions

	Creations uint64 // new sessions that became durable, rotations not counted
	Ends      Ends

	LastCommit time.Duration // how long the last transaction took
	MaxCommit  time.Duration // the longest since Open
	CommitTime Latencies     // of all transactions
	FlushTime  Latencies     // of the transactions that wrote deadlines, one every FlushInterval
	// CommitTotal and FlushTotal are the sums of these durations.
	CommitTotal, FlushTotal time.Duration

	LastFlush time.Time // when deadlines were last written, by the wall clock; zero: not yet

	Dropped int // sessions in the file that had expired when Open read it

	File FileStatus // whether changes become durable

	Memory Memory // what the storage keeps in memory
}

// Memory is what the storage keeps in memory, by kind, in bytes. It is computed from
// lengths, so it is right within a tenth or so, and leaves out what Go's runtime keeps free.
type Memory struct {
	Index    int64 // the table that finds a session by its key, with room to grow
	Values   int64 // values, and what else belongs to one session
	Ended    int64 // what is remembered of sessions that ended
	Subjects int64 // names of subjects, and the keys of their sessions
	Queue    int64 // what waits to be written or deleted in the file
}

// Total returns the sum of all kinds, in bytes.
func (m Memory) Total() int64 { return m.Index + m.Values + m.Ended + m.Subjects + m.Queue }

// Ends counts ended sessions by reason, since Open. A session that expires is
// counted when it is swept, up to a round of the sweeper later; see SweepInterval.
type Ends struct {
	Idle, Absolute, Deleted, Revoked, Replaced uint64
}

// Latencies counts durations since Open; see record.Latencies.
type Latencies = record.Latencies

// A tally is the counters that the writer keeps.
type tally struct {
	mu sync.Mutex // protects Stats
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
	t.CommitBytes += uint64(b.written)
	t.LastCommit, t.MaxCommit = took, max(t.MaxCommit, took)
	t.CommitTime.Add(took)
	t.CommitTotal += took
	if b.touched > 0 {
		t.FlushTime.Add(took)
		t.FlushTotal += took
		t.LastFlush = b.w.line.Clock.Wall()
	}
}

// refuse counts a creation that found no room among the sessions.
func (t *tally) refuse() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Refused++
}

func (t *tally) read() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Stats
}

// Stats returns the counters. It locks each shard of the index for a moment.
func (s *Storage) Stats() Stats {
	st := s.writer.stats.read()
	st.Sessions, st.ValueBytes = s.index.Count.Load(), s.index.Bytes.Load()
	st.Queued, st.Dropped, st.File = len(s.writer.queue), s.dropped, s.writer.fileStatus()
	var n [record.Reasons]uint64
	st.Refreshes, n = s.index.Totals()
	st.Ends = Ends{Idle: n[record.Idle], Absolute: n[record.Absolute], Deleted: n[record.Deleted], Revoked: n[record.Revoked], Replaced: n[record.Replaced]}
	if info, err := os.Stat(s.cfg.Database); err == nil {
		st.FileBytes = info.Size()
	}
	st.Memory = s.memory()
	return st
}

func (s *Storage) memory() Memory {
	u := s.index.Usage()
	return Memory{Index: u.Table, Values: u.Values, Ended: u.Ended, Subjects: u.Subjects, Queue: u.Touches + s.trash.bytes()}
}
