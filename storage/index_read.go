package storage

import (
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// read lets do look at a shard, which is locked meanwhile.
func (x *index) read(i int, do func(*shard)) {
	s := &x.shards[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	do(s)
}

// size is how many sessions a shard has, expired ones included.
func (x *index) size(i int) int {
	s := &x.shards[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live.count
}

// slots are the shard's sessions, and empty slots, whose body is nil. Read only,
// while the shard is locked.
func (s *shard) slots() []slot { return s.live.slots }

// slotOf returns the session of a handle, or nil and its tombstone; ok is false
// when neither is known. The shard is locked.
func (s *shard) slotOf(h *record.Handle) (e *slot, t entry.Tombstone, ok bool) {
	if e = s.live.find(h); e != nil {
		return e, t, true
	}
	t, ok = s.ended.get(*h)
	return nil, t, ok
}

// eachEnded calls do for every tombstone. The shard is locked.
func (s *shard) eachEnded(do func(record.Handle, entry.Tombstone)) { s.ended.each(do) }

// fate tells what has become of a session that is still in the table.
func (s *shard) fate(e *slot, now int64) (entry.Tombstone, bool) {
	if e.Expired(now) {
		return e.tombstone(now, record.NoReason), true
	}
	why, ending := s.isEnding(&e.handle)
	return entry.Tombstone{At: now, Reason: why}, ending
}
