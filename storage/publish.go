package storage

import (
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// publish makes a durable batch visible, change by change in their order.
func (w *writer) publish(b *batch) {
	w.full = false
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
		w.showEnded(c.key, entry.Tombstone{At: b.now, Reason: c.reason})
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
	e, now := s.live.find(&r), w.line.Now()
	if e == nil || e.Expired(now) {
		b.tooLate(c, s, e, now)
		return
	}
	w.index.bytes.Add(int64(len(c.next.Value) - len(e.body.value)))
	s.touches.release(e)
	used, refreshes := e.Used, e.body.refreshes.Load()
	*e = newSlot(c.next)
	e.body.refreshes.Store(refreshes)
	if e.Touch(used) {
		s.touches.note(e) // the file has the older time under the new number
	}
}

func (w *writer) showRotated(b *batch, c *change) {
	s, r := w.index.shard(&c.key), c.key.Handle()
	s.mu.Lock()
	e, now := s.live.find(&r), w.line.Now()
	if e == nil || e.Expired(now) || s.ending[r].calls > 0 {
		b.tooLate(c, s, e, now)
		s.mu.Unlock()
		b.kept = append(b.kept, c.key) // its end may still fail
		return
	}
	used, refreshes := e.Used, e.body.refreshes.Load()
	w.index.remove(s, e, entry.Tombstone{At: b.now, Reason: record.Replaced}, b.now)
	s.mu.Unlock()
	w.index.insert(c.next)
	w.index.carry(&c.next.Key, used, refreshes)
}

// showMoved gives a session its new place in the file.
func (w *writer) showMoved(r *entry.Entry) {
	s, half := w.index.shard(&r.Key), r.Key.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.live.find(&half)
	if e == nil {
		w.trash.add([]uint64{r.Seq}, nil)
		return
	}
	s.touches.release(e)
	e.seq = r.Seq
	if e.Used > r.Used {
		s.touches.note(e)
	}
}

func (w *writer) showEnded(k record.Key, t entry.Tombstone) {
	s, r := w.index.shard(&k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.live.find(&r); e != nil {
		w.index.remove(s, e, t, t.At)
	}
}

// tooLate refuses a change that is in the file but may not be shown. It is
// deleted there before it is answered, together with a note of how its session has
// ended, if it has: the record that would tell is gone. The caller holds s.mu.
func (b *batch) tooLate(c *change, s *shard, e *slot, now int64) {
	c.err, c.ok = ErrEnded, false
	b.late = append(b.late, c.next.Seq)
	switch t, known := s.ended.get(c.key.Handle()); {
	case e != nil && e.Expired(now):
		b.lateEnds = append(b.lateEnds, entry.End{Key: c.key, Tombstone: e.tombstone(now, record.Idle)})
	case e == nil && known:
		b.lateEnds = append(b.lateEnds, entry.End{Key: c.key, Tombstone: t})
	}
}
