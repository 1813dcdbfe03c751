package index

import (
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

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
