package storage

import "pagesession/storage/record"

// publish makes a durable batch visible, change by change in their order.
func (w *writer) publish(b *batch) {
	w.full, w.digest = false, b.digest
	for _, c := range b.changes {
		if c.err == nil && c.ok {
			w.show(b, c)
		}
	}
	for _, r := range b.moved {
		w.showMoved(r)
	}
	if b.flush {
		w.journal.done(b.emptied)
	}
	w.graves = w.graves[b.oldGraves:]
	if b.buried > 0 {
		w.graves = append(w.graves, grave{b.graveNo, b.now, b.buried})
	}
}

func (w *writer) show(b *batch, c *change) {
	switch c.kind {
	case create, upsert, replace:
		if c.old == 0 {
			w.index.insert(c.next)
			return
		}
		w.showReplaced(b, c)
	case rotate:
		w.showRotated(b, c)
	case finish:
		w.showEnded(c.key, tombstone{b.now, c.reason})
	case reset:
		for i := range w.index.shards {
			c.ended += w.index.clear(&w.index.shards[i], b.now, c.reason)
		}
	}
}

// showReplaced changes the session in place: refreshes that came during the
// commit stay. A session whose time ran out during the commit was refused to
// readers already and must not come back.
func (w *writer) showReplaced(b *batch, c *change) {
	s, r := w.index.shard(&c.key), c.key.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	e, now := s.live.find(&r), w.line.now()
	if e == nil || e.over(now) {
		b.tooLate(c, s, e, now)
		return
	}
	w.index.bytes.Add(int64(len(c.next.value) - len(e.body.value)))
	s.touches.release(e)
	used, refreshes := e.used, e.body.refreshes.Load()
	*e = newSlot(c.next)
	e.body.refreshes.Store(refreshes)
	if e.touch(used) {
		s.touches.note(e) // the file has the older time under the new number
	}
}

func (w *writer) showRotated(b *batch, c *change) {
	s, r := w.index.shard(&c.key), c.key.Handle()
	s.mu.Lock()
	e, now := s.live.find(&r), w.line.now()
	if e == nil || e.over(now) || s.ending[r].calls > 0 {
		b.tooLate(c, s, e, now)
		s.mu.Unlock()
		b.kept = append(b.kept, c.key) // its end may still fail
		return
	}
	used, refreshes := e.used, e.body.refreshes.Load()
	w.index.remove(s, e, tombstone{b.now, record.Replaced}, b.now)
	s.mu.Unlock()
	w.index.insert(c.next)
	w.index.carry(&c.next.key, used, refreshes)
}

// showMoved gives a session its new place in the file.
func (w *writer) showMoved(r *entry) {
	s, half := w.index.shard(&r.key), r.key.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.live.find(&half)
	if e == nil {
		w.trash.add([]uint64{r.seq}, nil)
		return
	}
	s.touches.release(e)
	e.seq = r.seq
	if e.used > r.used {
		s.touches.note(e)
	}
}

func (w *writer) showEnded(k record.Key, t tombstone) {
	s, r := w.index.shard(&k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.live.find(&r); e != nil {
		w.index.remove(s, e, t, t.at)
	}
}

// tooLate refuses a change that is in the file but may not be shown. It is
// deleted there before it is answered, together with a note of how its session has
// ended, if it has: the record that would tell is gone. The caller holds s.mu.
func (b *batch) tooLate(c *change, s *shard, e *slot, now int64) {
	c.err, c.ok = ErrEnded, false
	b.late = append(b.late, c.next.seq)
	switch t, known := s.ended.get(c.key.Handle()); {
	case e != nil && e.over(now):
		b.lateEnds = append(b.lateEnds, end{c.key, e.tombstone(now, record.Idle)})
	case e == nil && known:
		b.lateEnds = append(b.lateEnds, end{c.key, t})
	}
}
