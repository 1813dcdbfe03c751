package storage

import "time"

// publish makes a durable batch visible, change by change in their order.
func (w *writer) publish(b *batch) {
	w.full = false
	for _, c := range b.changes {
		if c.err == nil && c.ok {
			w.show(c, b.now)
		}
	}
	if b.flush {
		w.lastFlush = time.Now()
	}
	w.graves = w.graves[b.oldGraves:]
	if b.buried > 0 {
		w.graves = append(w.graves, grave{b.graveNo, b.now, b.buried})
	}
}

func (w *writer) show(c *change, at int64) {
	switch c.kind {
	case create, upsert, replace:
		if c.old == 0 {
			w.index.insert(c.next)
			return
		}
		w.showReplaced(c)
	case rotate:
		w.showRotated(c, at)
	case finish:
		w.showEnded(c.key, tombstone{at, c.reason})
	case reset:
		for i := range w.index.shards {
			w.index.clear(&w.index.shards[i], w.trash, tombstone{at, Deleted})
		}
	}
}

// showReplaced changes the record in place: refreshes that came during the
// commit stay. A session whose time ran out during the commit was refused to
// readers already and must not come back.
func (w *writer) showReplaced(c *change) {
	s := w.index.shard(c.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.live[c.key]
	if r == nil || r.over(w.line.now()) {
		w.tooLate(c)
		return
	}
	w.trash.release(r)
	w.index.bytes.Add(int64(len(c.next.value) - len(r.value)))
	r.value, r.memo, r.seq, r.idle = c.next.value, nil, c.next.seq, c.next.idle
	if r.used > c.next.used {
		s.mark(r) // the file has the older time under the new number
	}
	r.used = max(r.used, c.next.used)
}

func (w *writer) showRotated(c *change, at int64) {
	s := w.index.shard(c.key)
	s.mu.Lock()
	r := s.live[c.key]
	if r == nil || r.over(w.line.now()) {
		s.mu.Unlock()
		w.tooLate(c)
		return
	}
	w.trash.release(r)
	w.index.remove(s, r, tombstone{at, Replaced})
	s.mu.Unlock()
	stale := r.used > c.next.used // r is ours alone now
	c.next.used = max(r.used, c.next.used)
	w.index.insert(c.next)
	if stale {
		w.index.restore(&collection{records: []*record{c.next}})
	}
}

func (w *writer) showEnded(k Key, t tombstone) {
	s := w.index.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.live[k]; r != nil {
		w.trash.release(r)
		w.index.remove(s, r, t)
	}
}

// tooLate refuses a change that is in the file but may not be shown, and has
// it removed from there.
func (w *writer) tooLate(c *change) {
	c.err, c.ok = ErrEnded, false
	w.trash.add([]uint64{c.next.seq}, nil, nil)
}
