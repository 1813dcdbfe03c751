package index

import (
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// The methods in this file are for the one writer. Each is one step under one
// shard's lock: requests see it done or not done.

// LookUp returns what a key has. The Entry is zero unless the session is live.
func (x *Index) LookUp(k *record.Key) (entry.Entry, record.State) {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	e := s.live.find(&h)
	if e != nil && !e.Expired(x.line.Now()) {
		return x.entryOf(e), record.Live
	}
	if _, ended := s.tombstone(&h); ended || e != nil {
		return entry.Entry{}, record.Ended
	}
	return entry.Entry{}, record.None
}

// Hold extends a session that is about to change, as any use does, so that it does
// not expire while the disk is at work. It returns the session's last use. Without a
// session it returns now and None.
func (x *Index) Hold(k *record.Key) (used int64, state record.State) {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	e, now := s.live.find(&h), x.line.Now()
	switch {
	case e == nil:
		return now, record.None
	case e.Expired(now):
		return 0, record.Ended
	}
	s.touch(e, now)
	return max(now, e.Used), record.Live
}

// Insert makes a session visible under a key that has no live one. If an expired one
// is still there, it is removed: Insert returns its number and its end, or 0.
func (x *Index) Insert(r *entry.Entry) (seq uint64, end entry.End) {
	s, h := x.lock(&r.Key), r.Key.Handle()
	defer s.mu.Unlock()
	if e := s.live.find(&h); e != nil {
		now := x.line.Now()
		seq, end = e.seq, entry.End{Key: r.Key, Tombstone: e.tombstone(now, record.Idle)}
		x.remove(s, e, end.Tombstone, now)
	}
	s.Ended.forget(h)
	x.add(s, x.slot(r), r.Used, 0, false)
	return seq, end
}

// insert also gives the session the last use and the refreshes that came during the
// commit.
func (x *Index) insert(e Slot, used int64, refreshes uint32, lengthened bool) {
	s := &x.shards[e.Handle[0]]
	s.mu.Lock()
	defer s.mu.Unlock()
	x.add(s, e, used, refreshes, lengthened)
}

// add puts a slot into the table. The caller holds the lock.
func (x *Index) add(s *Shard, e Slot, used int64, refreshes uint32, lengthened bool) {
	s.carry(s.live.insert(e), used, refreshes, lengthened)
	x.Count.Add(1)
	x.Bytes.Add(int64(len(e.Body.Value)))
}

// carry gives a slot what only memory knows of the one before it. The caller holds
// the lock. A session whose deadline became later gets a touch in any case: it takes
// the entry's Until away.
func (s *Shard) carry(e *Slot, used int64, refreshes uint32, lengthened bool) {
	e.Body.Refreshes.Store(refreshes)
	s.touch(e, used) // a touch, as the file has the older time with the new number
	if lengthened {
		s.touches.note(e)
	}
}

// Replace gives a session new content and keeps the refreshes that came during the
// commit. If the session expired during the commit, readers have already been
// refused and it must stay ended; then Replace returns false, and how the session
// ended if that is known.
func (x *Index) Replace(next *entry.Entry) (done bool, how *entry.Tombstone) {
	s, h := x.lock(&next.Key), next.Key.Handle()
	defer s.mu.Unlock()
	e, now := s.live.find(&h), x.line.Now()
	if e == nil || e.Expired(now) {
		return false, s.howEnded(e, &h, now)
	}
	x.Bytes.Add(int64(len(next.Value)) - int64(len(e.Body.Value)))
	s.touches.release(e)
	used, refreshes := e.Used, e.Body.Refreshes.Load()
	x.replace(s, e, next)
	s.carry(e, used, refreshes, next.Until != 0)
	return true, nil
}

// Rotate is Replace that also moves the session to a new key; the old one has ended
// at an instant. It also returns false when an end of the old key is under way. The
// new key joins the subject's sessions before the old key leaves them, see KeysOf.
func (x *Index) Rotate(from *record.Key, next *entry.Entry, at int64) (done bool, how *entry.Tombstone) {
	e := x.slot(next)
	used, refreshes, done, how := x.takeOut(from, at)
	if done {
		x.insert(e, used, refreshes, next.Until != 0)
	} else {
		x.subjects.leave(e.Body.subject, next.Key)
	}
	return done, how
}

func (x *Index) takeOut(k *record.Key, at int64) (used int64, refreshes uint32, done bool, how *entry.Tombstone) {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	e, now := s.live.find(&h), x.line.Now()
	if e == nil || e.Expired(now) || s.ending[h].calls > 0 {
		return 0, 0, false, s.howEnded(e, &h, now)
	}
	used, refreshes = e.Used, e.Body.Refreshes.Load()
	x.remove(s, e, entry.Tombstone{At: at, Reason: record.Replaced}, at)
	return used, refreshes, true, nil
}

// HowEnded returns the tombstone of a key's session, or nil if it has not ended or
// is forgotten.
func (x *Index) HowEnded(k *record.Key) *entry.Tombstone {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	return s.howEnded(s.live.find(&h), &h, x.line.Now())
}

// MayHaveEnded reports whether the session of a key has ended since an instant: it has
// a tombstone, or one may have been forgotten since then.
func (x *Index) MayHaveEnded(k *record.Key, since int64) bool {
	s, h := x.lock(k), k.Handle()
	defer s.mu.Unlock()
	return s.howEnded(s.live.find(&h), &h, x.line.Now()) != nil || s.Ended.forgot >= since && s.Ended.forgot > 0
}

// howEnded returns the tombstone of a session, or nil if it has not ended or is
// forgotten. The caller holds the lock.
func (s *Shard) howEnded(e *Slot, h *record.Handle, now int64) *entry.Tombstone {
	if e != nil && e.Expired(now) {
		t := e.tombstone(now, record.Idle)
		return &t
	}
	if t, known := s.tombstone(h); e == nil && known {
		return &t
	}
	return nil
}

// Move gives a session its new number, and reports whether the session is still
// there.
func (x *Index) Move(to *entry.Entry) bool {
	s, h := x.lock(&to.Key), to.Key.Handle()
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

// Reserve makes room for about so many sessions in a shard, if it is empty, so that few
// tables grow while a start restores them.
func (x *Index) Reserve(shard, sessions int) {
	x.Read(shard, func(s *Shard) { s.live.reserve(sessions) })
}

// Restore makes a session of the file visible, whose last touch is in that flush. If the
// file has two entries of one key, the later one wins, and Restore returns the number of
// the other; 0: there is none. That happens when a tombstone was forgotten because too many came, its key
// was used again, and the process was killed before the older entry was deleted.
func (x *Index) Restore(r *entry.Entry, flush uint32) (older uint64) {
	s, h := x.lock(&r.Key), r.Key.Handle()
	defer s.mu.Unlock()
	x.Bytes.Add(int64(len(r.Value)))
	noted, e := false, s.live.find(&h)
	if e == nil {
		e = s.live.insert(x.slot(r))
		x.Count.Add(1)
	} else {
		older, noted = e.seq, e.flush != flush // if noted, the session has left the flush already
		x.Bytes.Add(-int64(len(e.Body.Value)))
		x.replace(s, e, r)
	}
	if !noted {
		e.flush = flush
	}
	if noted || r.Until != 0 {
		s.touches.note(e) // the start has seen it in time
	}
	return older
}

// Remember adds the tombstone of an end in the file, unless its key is live again
// or has a later end.
func (x *Index) Remember(e entry.End) {
	s, h := x.lock(&e.Key), e.Key.Handle()
	defer s.mu.Unlock()
	was, ended := s.tombstone(&h)
	if s.live.find(&h) != nil || ended && was.Later(e.Tombstone) {
		return
	}
	s.Ended.add(h, e.Tombstone, x.line.Now())
}

// Collect appends the touches of all shards to touches, and the flushes that
// sessions have left to left. Touches from now on belong to flush next.
func (x *Index) Collect(touches []entry.Touch, left []uint32, next uint32) ([]entry.Touch, []uint32) {
	x.each(func(s *Shard) { touches, left = s.touches.take(touches, left, next) })
	return touches, left
}
