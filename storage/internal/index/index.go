package index

import (
	"sync"
	"sync/atomic"

	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/planted"
	"pagesession/storage/record"
)

// Shards is the number of parts of an Index. Many parts spread the locks, so that
// two requests rarely meet, and keep the sweeper's steps short: at a million
// sessions it holds one lock for 4,000 sessions, about 0.1 ms.
const Shards = 256

// An Index holds every session in memory. Peek and Refresh lock one shard to read
// one cache line. Under a shard's lock nothing waits for the disk or another
// request; the sweeper also takes the lock of its list.
//
// The clock is read under the lock, so a later decision has a later time. Otherwise
// a request could read the clock, be held up, and then refresh a session that
// another request has already seen as expired.
type Index struct {
	shards   [Shards]Shard
	line     *clock.Timeline
	subjects subjects
	Count    atomic.Int64 // sessions, including expired ones that are not yet swept
	Bytes    atomic.Int64 // bytes of all values
}

// A Shard has the sessions whose keys begin with one byte.
type Shard struct {
	mu        sync.Mutex // protects everything below
	live      table
	ending    map[record.Handle]ending // sessions that are refused while their end becomes durable
	endingAll ending                   // the same for all sessions of the shard
	Ended     tombstones
	memos     map[record.Handle]memo
	aside     []aside // tables of sessions that have ended together, newest first; see SetAside
	touches   pending
	refreshes uint64
	ends      [record.Reasons]uint64 // number of ended sessions by reason
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

// lock locks the shard of a key and returns it; the caller unlocks it. Peek and
// Refresh do without, which saves the call.
func (x *Index) lock(k *record.Key) *Shard {
	s := &x.shards[k[0]]
	s.mu.Lock()
	return s
}

// Read calls do with one shard, which is locked during the call.
func (x *Index) Read(i int, do func(*Shard)) {
	s := &x.shards[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	do(s)
}

// each calls do with one shard after the other, each locked during its call.
func (x *Index) each(do func(*Shard)) {
	for i := range x.shards {
		x.Read(i, do)
	}
}

// find returns the session if it is live at an instant, otherwise nil and what
// became of it. The caller holds the lock.
func (s *Shard) find(h *record.Handle, now int64) (*Slot, record.Record) {
	e := s.live.find(h)
	switch {
	case e == nil:
		if t, ok := s.tombstone(h); ok {
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

// isEnding reports whether a session is being ended, and why. The caller holds the
// lock.
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
	return s.at(e, now)
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
	if planted.TouchUpserts {
		defer x.upsert(s, *e)
	}
	return s.at(e, now)
}

// touch moves a session's last use. The caller holds the lock.
func (s *Shard) touch(e *Slot, used int64) {
	if e.Touch(used) {
		s.touches.note(e)
	}
}

// Slots returns the shard's slots; those without a Body are empty. The shard has to
// stay locked while they are read.
func (s *Shard) Slots() []Slot { return s.live.slots }

// SlotOf returns the session of a handle, or nil and its tombstone. ok is false when
// the handle is unknown. The shard has to be locked.
func (s *Shard) SlotOf(h *record.Handle) (e *Slot, t entry.Tombstone, ok bool) {
	if e = s.live.find(h); e != nil {
		return e, t, true
	}
	t, ok = s.tombstone(h)
	return nil, t, ok
}

// Fate reports whether a session in the table has expired or is being ended, and
// returns the tombstone for it.
func (s *Shard) Fate(e *Slot, now int64) (entry.Tombstone, bool) {
	if e.Expired(now) {
		return e.tombstone(now, record.NoReason), true
	}
	why, ending := s.isEnding(&e.Handle)
	return entry.Tombstone{At: now, Reason: why}, ending
}

// Totals returns counts since New: the calls of Refresh that found a live session,
// and the ends by reason.
func (x *Index) Totals() (refreshes uint64, ends [record.Reasons]uint64) {
	x.each(func(s *Shard) {
		refreshes += s.refreshes
		for why, n := range s.ends {
			ends[why] += n
		}
	})
	return refreshes, ends
}
