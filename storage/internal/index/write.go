package index

import (
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// What the one writer does to the index. Each is one step under one shard's lock:
// requests see it done or not done.

// LookUp returns what a key holds. The Entry is zero unless it is live.
func (x *Index) LookUp(k *record.Key, line *clock.Timeline) (entry.Entry, record.State) {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.live.find(&h)
	if e != nil && !e.Expired(line.Now()) {
		return e.entry(), record.Live
	}
	if _, ended := s.ended.Get(h); ended || e != nil {
		return entry.Entry{}, record.Ended
	}
	return entry.Entry{}, record.None
}

// Hold starts the idle time of a session that is about to change, as any use
// of it does, so that it does not run out while the disk is at work. It returns
// the session's last use; without a session that is now and the state None.
func (x *Index) Hold(k *record.Key, line *clock.Timeline) (used int64, state record.State) {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	e, now := s.live.find(&h), line.Now()
	switch {
	case e == nil:
		return now, record.None
	case e.Expired(now):
		return 0, record.Ended
	case e.Touch(now):
		s.touches.note(e)
	}
	return max(now, e.Used), record.Live
}

// Replace changes a session in place: refreshes that came during the commit
// stay. A session whose time ran out during the commit was refused to readers
// already and must not come back; then replace reports false, and how it ended
// if that is known.
func (x *Index) Replace(next *entry.Entry, line *clock.Timeline) (done bool, how *entry.Tombstone) {
	s, h := x.shard(&next.Key), next.Key.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	e, now := s.live.find(&h), line.Now()
	if e == nil || e.Expired(now) {
		return false, s.howEnded(e, &h, now)
	}
	x.Bytes.Add(int64(len(next.Value) - len(e.Body.Value)))
	s.touches.release(e)
	used, refreshes := e.Used, e.Body.Refreshes.Load()
	*e = newSlot(next)
	e.Body.Refreshes.Store(refreshes)
	if e.Touch(used) {
		s.touches.note(e) // the file has the older time under the new number
	}
	return true, nil
}

// Rotate is replace under a new key; the old one has ended at an instant. It also
// reports false when the old one's end is under way.
func (x *Index) Rotate(from *record.Key, next *entry.Entry, line *clock.Timeline, at int64) (done bool, how *entry.Tombstone) {
	used, refreshes, done, how := x.takeOut(from, line, at)
	if !done {
		return false, how
	}
	x.Insert(next)
	x.carry(&next.Key, used, refreshes)
	return true, nil
}

func (x *Index) takeOut(k *record.Key, line *clock.Timeline, at int64) (used int64, refreshes uint32, done bool, how *entry.Tombstone) {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	e, now := s.live.find(&h), line.Now()
	if e == nil || e.Expired(now) || s.ending[h].calls > 0 {
		return 0, 0, false, s.howEnded(e, &h, now)
	}
	used, refreshes = e.Used, e.Body.Refreshes.Load()
	x.remove(s, e, entry.Tombstone{At: at, Reason: record.Replaced}, at)
	return used, refreshes, true, nil
}

// howEnded returns nil for a session that has not ended or is forgotten. The
// caller holds the lock.
func (s *Shard) howEnded(e *Slot, h *record.Handle, now int64) *entry.Tombstone {
	if e != nil && e.Expired(now) {
		t := e.tombstone(now, record.Idle)
		return &t
	}
	if t, known := s.ended.Get(*h); e == nil && known {
		return &t
	}
	return nil
}

// Move gives a session its new place in the file, and reports whether it is
// still there.
func (x *Index) Move(to *entry.Entry) bool {
	s, h := x.shard(&to.Key), to.Key.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.live.find(&h)
	if e == nil {
		return false
	}
	s.touches.release(e)
	e.seq = to.Seq
	if e.Used > to.Used {
		s.touches.note(e)
	}
	return true
}

// End removes a session and leaves its tombstone.
func (x *Index) End(k *record.Key, t entry.Tombstone) {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.live.find(&h); e != nil {
		x.remove(s, e, t, t.At)
	}
}

// EndAll removes all sessions, takes one refuseAll back and returns how many
// were live.
func (x *Index) EndAll(now int64, why record.Reason) (ended int) {
	for i := range x.shards {
		ended += x.clear(&x.shards[i], now, why)
	}
	return ended
}

// EndsOfAll appends an end for every session, live or expired.
func (x *Index) EndsOfAll(list []entry.End, now int64, why record.Reason) []entry.End {
	for i := range x.shards {
		list = x.shards[i].endsOfAll(list, now, why)
	}
	return list
}

// Collect moves the touches of all shards, and the flushes that sessions have
// left, to the end of the lists. What comes from now on belongs to flush next.
func (x *Index) Collect(touches []entry.Touch, left []uint32, next uint32) ([]entry.Touch, []uint32) {
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.Lock()
		touches, left = s.touches.take(touches, left, next)
		s.mu.Unlock()
	}
	return touches, left
}
