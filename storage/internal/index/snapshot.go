package index

import (
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// The methods in this file are for building a new session file while the index goes
// on. Each is one step for each shard.

// A Place is a session's number in the file, and the handle to find it by.
type Place struct {
	Seq    uint64
	Handle record.Handle
}

// Places returns the place of every session, in no order. It includes expired ones
// that are not yet swept, because only their entry says how they ended.
func (x *Index) Places() []Place {
	places := make([]Place, 0, x.Count.Load())
	x.each(func(s *Shard) {
		for i := range s.live.slots {
			if e := &s.live.slots[i]; e.Body != nil {
				places = append(places, Place{e.seq, e.Handle})
			}
		}
	})
	return places
}

// EntryAt returns a session as it is now, or nil if it is no longer at that place.
func (x *Index) EntryAt(p Place) *entry.Entry {
	s := &x.shards[p.Handle[0]]
	s.mu.Lock()
	defer s.mu.Unlock()
	slot := s.live.find(&p.Handle)
	if slot == nil || slot.seq != p.Seq {
		return nil
	}
	e := x.entryOf(slot)
	return &e
}

// Tombstones returns the ends that are worth keeping at an instant. A tombstone has
// half of its key, and the other half of the End's key is zero. That is enough,
// because readers of the file use only the first half.
func (x *Index) Tombstones(now int64) (ends []entry.End) {
	x.each(func(s *Shard) {
		s.EachEnded(func(h record.Handle, t entry.Tombstone) {
			if now-t.At < entry.KeepEnded {
				end := entry.End{Tombstone: t}
				copy(end.Key[:], h[:])
				ends = append(ends, end)
			}
		})
	})
	return ends
}

// An Ended is a session that has been taken out of the index but is still in the
// file.
type Ended struct {
	Seq uint64
	entry.End
}

// TakeOut ends a live session, as End does, and returns what the file does not know.
// It returns false if there is no live session.
func (x *Index) TakeOut(k *record.Key, why record.Reason) (Ended, bool) {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	now, e := x.line.Now(), s.live.find(&h)
	if e == nil || e.Expired(now) {
		return Ended{}, false
	}
	t := e.tombstone(now, why)
	out := Ended{Seq: e.seq, End: entry.End{Key: e.Key(), Tombstone: t}}
	x.remove(s, e, t, now)
	return out, true
}
