package index

import (
	"sync"
	"sync/atomic"

	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// Shards is how many parts an Index has. They spread the locks: two requests
// rarely meet. They also keep the sweeper's steps short: at a million sessions
// it holds one lock for 4,000 sessions, about 0.1 ms.
const Shards = 256

// An Index holds every session in memory. Refresh and Peek take one shard's
// lock to look at one cache line. Under that lock nothing waits for anything
// but memory; the sweeper also takes the lock of its list.
//
// The clock is read under the lock, so a later decision has a later time.
// A request that read it before and was held up could refresh a session that
// another one has seen expired.
type Index struct {
	shards   [Shards]Shard
	line     *clock.Timeline
	subjects subjects
	Count    atomic.Int64 // sessions, expired ones that are not yet swept included
	Bytes    atomic.Int64 // of their values
}

// A Shard has the sessions whose keys begin with one byte.
type Shard struct {
	mu        sync.Mutex // protects everything below
	live      table
	ending    map[record.Handle]ending // ends being made durable: refused already
	endingAll ending                   // the same for every session of the shard
	Ended     tombstones
	touches   pending
	refreshes uint64
	ends      [record.Reasons]uint64 // by reason
}

func New(maxEnded int, line *clock.Timeline) *Index {
	x := &Index{line: line}
	for i := range x.shards {
		s := &x.shards[i]
		s.ending = make(map[record.Handle]ending)
		s.Ended.limit = max(1, maxEnded/2/Shards)
		s.Ended.turned = line.Now()
		s.touches.flush = FirstFlush
	}
	return x
}

// lock locks the shard of a key. The caller unlocks it. Peek and Refresh save
// the call.
func (x *Index) lock(k *record.Key) *Shard {
	s := &x.shards[k[0]]
	s.mu.Lock()
	return s
}

// Read calls do with one shard, which is locked meanwhile.
func (x *Index) Read(i int, do func(*Shard)) {
	s := &x.shards[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	do(s)
}

// each calls do with every shard, locked one after the other.
func (x *Index) each(do func(*Shard)) {
	for i := range x.shards {
		x.Read(i, do)
	}
}

// find returns the session if it can be used at that instant, else nil and
// what became of it. The caller holds the lock.
func (s *Shard) find(h *record.Handle, now int64) (*Slot, record.Record) {
	e := s.live.find(h)
	switch {
	case e == nil:
		if t, ok := s.Ended.get(*h); ok {
			return nil, record.Record{State: record.Ended, Reason: t.Reason}
		}
		return nil, record.Record{}
	case e.Expired(now):
		return nil, record.Record{State: record.Ended, Reason: e.Why()}
	default:
		if why, ending := s.isEnding(h); ending {
			return nil, record.Record{State: record.Ended, Reason: why}
		}
		return e, record.Record{}
	}
}

// isEnding reports whether a session is being ended, and why. The caller holds
// the lock.
func (s *Shard) isEnding(h *record.Handle) (record.Reason, bool) {
	if s.endingAll.calls > 0 {
		return s.endingAll.reason, true
	}
	if len(s.ending) == 0 {
		return record.NoReason, false
	}
	e := s.ending[*h]
	return e.reason, e.calls > 0
}

func (x *Index) Peek(k *record.Key) record.Record {
	s, h := &x.shards[k[0]], k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := x.line.Now()
	e, gone := s.find(&h, now)
	if e == nil {
		return gone
	}
	return e.at(now)
}

func (x *Index) Refresh(k *record.Key) record.Record {
	s, h := &x.shards[k[0]], k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := x.line.Now()
	e, gone := s.find(&h, now)
	if e == nil {
		return gone
	}
	s.refreshes++
	e.Body.Refreshes.Add(1)
	if e.Touch(now) {
		s.touches.note(e)
	}
	return e.at(now)
}

// touch moves a session's last use. The caller holds the lock.
func (s *Shard) touch(e *Slot, used int64) {
	if e.Touch(used) {
		s.touches.note(e)
	}
}

func (x *Index) Memoize(k *record.Key, version uint64, memo any) {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	if e := s.live.find(&h); e != nil && e.seq == version {
		e.Body.memo.Store(&memo)
	}
}

// Slots are the shard's sessions, and empty slots, whose body is nil. Read only,
// while the shard is locked.
func (s *Shard) Slots() []Slot { return s.live.slots }

// SlotOf returns the session of a handle, or nil and its tombstone; ok is false
// when neither is known. The shard is locked.
func (s *Shard) SlotOf(h *record.Handle) (e *Slot, t entry.Tombstone, ok bool) {
	if e = s.live.find(h); e != nil {
		return e, t, true
	}
	t, ok = s.Ended.get(*h)
	return nil, t, ok
}

// Fate tells what has become of a session that is still in the table.
func (s *Shard) Fate(e *Slot, now int64) (entry.Tombstone, bool) {
	if e.Expired(now) {
		return e.tombstone(now, record.NoReason), true
	}
	why, ending := s.isEnding(&e.Handle)
	return entry.Tombstone{At: now, Reason: why}, ending
}

// Totals are counts since the index was made: calls of Refresh that found a
// live session, and ends by reason.
func (x *Index) Totals() (refreshes uint64, ends [record.Reasons]uint64) {
	x.each(func(s *Shard) {
		refreshes += s.refreshes
		for why, n := range s.ends {
			ends[why] += n
		}
	})
	return refreshes, ends
}
