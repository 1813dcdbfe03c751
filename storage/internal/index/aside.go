package index

import (
	"slices"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// An aside is the table of a shard whose sessions have all ended at once. It is taken
// out whole, which reads each slot once; its memory, its subjects and the garbage
// in the file go shard by shard, with the sweeper (see dissolve).
type aside struct {
	table
	how  entry.Tombstone
	done int // slots that dissolve has been through; they stay, to be found
	kept int // tombstones that dissolve has kept
}

// SetAside ends every session and returns how many were live. No session that is made
// later is concerned.
func (x *Index) SetAside(how entry.Tombstone) (live int) {
	x.each(func(s *Shard) {
		if s.live.count == 0 {
			return
		}
		for i := range s.live.slots {
			if e := &s.live.slots[i]; e.Body != nil {
				s.ends[e.tombstone(how.At, how.Reason).Reason]++
				live += alive(e, how.At)
			}
		}
		x.Count.Add(-int64(s.live.count))
		s.aside = append([]aside{{table: s.live, how: how}}, s.aside...)
		s.live = table{}
		clear(s.ending)
		s.memos = nil
	})
	return live
}

func alive(e *Slot, now int64) int {
	if e.Expired(now) {
		return 0
	}
	return 1
}

// tombstone is how the session of a handle ended, if it is known. The caller holds
// the lock.
func (s *Shard) tombstone(h *record.Handle) (entry.Tombstone, bool) {
	if t, ok := s.Ended.get(*h); ok {
		return t, true
	}
	if i, e := s.findAside(h); e != nil {
		return e.tombstone(s.aside[i].how.At, s.aside[i].how.Reason), true
	}
	return entry.Tombstone{}, false
}

// findAside returns the newest session of a handle that is set aside, or nil. The
// caller holds the lock.
func (s *Shard) findAside(h *record.Handle) (int, *Slot) {
	for i := range s.aside {
		if e := s.aside[i].find(h); e != nil {
			return i, e
		}
	}
	return 0, nil
}

// dissolveStep bounds the slots that dissolve goes through under one lock: about 0.2 ms.
const dissolveStep = 512

// dissolve gives some of the sessions that a shard has set aside to took, the newest
// table first, and keeps as many tombstones of each table as it keeps of others. It
// returns false when there are none left. The caller holds the lock.
func (x *Index) dissolve(s *Shard, now int64, took func(seqs []uint64, ends []entry.End)) (more bool) {
	if len(s.aside) == 0 {
		return false
	}
	a := &s.aside[0]
	seqs, ends := make([]uint64, 0, dissolveStep), []entry.End(nil)
	for last := min(a.done+dissolveStep, len(a.slots)); a.done < last; a.done++ {
		e := &a.slots[a.done]
		if e.Body == nil {
			continue
		}
		seqs = append(seqs, e.seq)
		if t := e.tombstone(a.how.At, a.how.Reason); a.kept < 2*s.Ended.limit {
			a.kept++
			ends = append(ends, entry.End{Key: e.Key(), Tombstone: t})
			s.remember(e.Handle, t, now)
		} else {
			s.Ended.forgot = now
		}
		x.Bytes.Add(-int64(len(e.Body.Value)))
		x.leaveAside(s, e)
		s.touches.release(e)
	}
	took(seqs, ends)
	if a.done == len(a.slots) {
		s.aside = slices.Delete(s.aside, 0, 1)
	}
	return len(s.aside) > 0
}

// leaveAside removes a session that is set aside from its subject, unless the key is
// live again with the same one: a subject has each key once. The caller holds the lock.
func (x *Index) leaveAside(s *Shard, e *Slot) {
	if again := s.live.find(&e.Handle); again == nil || again.Body.subject != e.Body.subject {
		x.subjects.leave(e.Body.subject, e.Key())
	}
}

// EachEnded calls do for every tombstone, and for those that the shard will have when
// what it has set aside is dissolved.
func (s *Shard) EachEnded(do func(record.Handle, entry.Tombstone)) {
	s.Ended.Each(do)
	for nr, a := range s.aside {
		n := 0
		for i := 0; i < len(a.slots) && n < 2*s.Ended.limit; i++ {
			e := &a.slots[i]
			if e.Body == nil {
				continue
			}
			n++
			_, again := s.Ended.get(e.Handle)
			newest, _ := s.findAside(&e.Handle)
			if !again && newest == nr && s.live.find(&e.Handle) == nil {
				do(e.Handle, e.tombstone(a.how.At, a.how.Reason))
			}
		}
	}
}

// remember keeps a tombstone, unless its key was used again. The caller holds the lock.
func (s *Shard) remember(h record.Handle, t entry.Tombstone, now int64) {
	if _, newer := s.Ended.get(h); !newer && s.live.find(&h) == nil {
		s.Ended.add(h, t, now)
	}
}
