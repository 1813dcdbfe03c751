package index

import (
	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/planted"
	"pagesession/storage/record"
)

// An ending stands for calls that want a session to end and are waiting for the
// disk.
type ending struct {
	reason record.Reason // of the first call
	calls  int
}

func (e *ending) begin(why record.Reason) {
	if e.calls == 0 {
		e.reason = why
	}
	e.calls++
}

// Refuse makes a session look ended to all readers, until it is removed or Allow
// takes that back. It returns false when there is no live session.
func (x *Index) Refuse(k *record.Key, why record.Reason) bool {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	e := s.live.find(&h)
	if e == nil || e.Expired(x.line.Now()) {
		return false
	}
	was := s.ending[h]
	was.begin(why)
	s.ending[h] = was
	return true
}

// Allow takes one Refuse back, because the end could not be made durable.
func (x *Index) Allow(k *record.Key) {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	was := s.ending[h]
	if was.calls--; was.calls > 0 {
		s.ending[h] = was
	} else {
		delete(s.ending, h)
	}
}

// RefuseAll is Refuse for all sessions, including those that are created before the
// end is durable.
func (x *Index) RefuseAll(why record.Reason) {
	x.each(func(s *Shard) { s.endingAll.begin(why) })
}

// AllowAll takes one RefuseAll back.
func (x *Index) AllowAll() {
	x.each(func(s *Shard) { s.endingAll.calls-- })
}

// IsEnding reports whether a session is being ended.
func (x *Index) IsEnding(k *record.Key) bool {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	_, ending := s.isEnding(&h)
	return ending
}

// End removes a session and leaves its tombstone.
func (x *Index) End(e entry.End, now int64) {
	s, h := x.lock(&e.Key), e.Key.Handle()
	defer s.mu.Unlock()
	if slot := s.live.find(&h); slot != nil {
		x.remove(s, slot, e.Tombstone, now)
	}
}

// remove removes a session, leaves a tombstone and counts the end. The caller holds
// the lock.
func (x *Index) remove(s *Shard, e *Slot, t entry.Tombstone, now int64) {
	h := e.Handle
	x.Count.Add(-1)
	x.Bytes.Add(-int64(len(e.Body.Value)))
	x.subjects.leave(e.Body.subject, e.Key())
	s.touches.release(e)
	s.live.remove(e)
	s.forget(&h)
	s.Ended.add(h, t, now)
	s.ends[t.Reason]++
}

// Sweep removes the expired sessions of a shard and returns how many there were. It
// only frees memory: readers go by the deadline alone. It checks and removes under
// one lock, so a session that is refreshed in between stays.
//
// thin has the flushes that their last sessions should leave. took gets what was
// removed, while the lock is held: a flush that finds no touch of a session then
// finds its end.
func (x *Index) Sweep(i int, thin map[uint32]bool, took func(seqs []uint64, ends []entry.End)) int {
	for more := true; more; {
		x.Read(i, func(s *Shard) { more = x.dissolve(s, x.line.Now(), took) })
	}
	s := &x.shards[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	now := x.line.Now()
	var seqs []uint64
	var ends []entry.End
	for j := 0; j < len(s.live.slots); {
		e := &s.live.slots[j]
		switch {
		case e.Body == nil:
		case e.Expired(now), planted.SweepUnlooked && e.notedExpired(now):
			t := e.tombstone(now, record.Idle)
			seqs, ends = append(seqs, e.seq), append(ends, entry.End{Key: e.Key(), Tombstone: t})
			x.remove(s, e, t, now)
			continue // another slot may have moved here
		case len(thin) > 0 && thin[e.flush]:
			s.touches.note(e) // moves its last touch to the next flush
		}
		j++
	}
	s.live.shrink()
	s.Ended.age(now)
	if len(seqs) > 0 {
		took(seqs, ends)
	}
	return len(seqs)
}

// Disown removes a session that another store has. It has not ended: there is no
// tombstone, and no end is counted.
func (x *Index) Disown(k *record.Key) {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	e := s.live.find(&h)
	if e == nil {
		return
	}
	x.Count.Add(-1)
	x.Bytes.Add(-int64(len(e.Body.Value)))
	x.subjects.leave(e.Body.subject, e.Key())
	s.touches.release(e)
	s.live.remove(e)
	s.forget(&h)
}

// forget removes what is kept beside a session that is gone. The caller holds the lock.
func (s *Shard) forget(h *record.Handle) {
	delete(s.ending, *h)
	delete(s.memos, *h)
}
