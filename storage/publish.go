package storage

import "pagesession/storage/internal/entry"

// publish makes a durable batch visible, change by change in their order.
func (w *writer) publish(b *batch) {
	if w.owed.empty() {
		w.status.Store(nil)
	}
	for _, c := range b.changes {
		if c.err == nil && c.ok {
			w.show(b, c)
			w.waits.wake(c.key)
		}
	}
	for _, r := range b.moved {
		if !w.index.Move(r) {
			w.trash.add([]uint64{r.Seq}, nil)
		}
	}
	if b.flush {
		w.journal.done(b.emptied)
	}
}

func (w *writer) show(b *batch, c *change) {
	switch c.kind {
	case create, upsert, replace:
		if c.old == 0 {
			w.insert(c.next)
		} else if done, how := w.index.Replace(c.next); !done {
			b.tooLate(c, how)
		}
	case rotate:
		if done, how := w.index.Rotate(&c.key, c.next, b.now); !done {
			b.tooLate(c, how)
			b.kept = append(b.kept, c.key) // the end that overtook it may still fail
		}
	case finish:
		w.index.End(entry.End{Key: c.key, Tombstone: entry.Tombstone{At: b.now, Reason: c.reason}}, b.now)
	case finishSubject:
		w.showEnds(b)
	case reset:
		w.showEnds(b)
		w.index.AllowAll()
	}
}

// insert makes a session visible under a key that is unused, or whose earlier
// session has expired and is still waiting for the sweeper. The earlier one is then
// removed.
func (w *writer) insert(next *entry.Entry) {
	if seq, end := w.index.Insert(next); seq != 0 {
		w.trash.sweep([]uint64{seq}, []entry.End{end})
	}
}

// showEnds makes the ends of a change visible that is alone in its batch.
func (w *writer) showEnds(b *batch) {
	for _, e := range b.ends {
		w.index.End(e, b.now)
		w.waits.wake(e.Key)
	}
}

// tooLate refuses a change that is in the file but must not become visible, because
// its session ended meanwhile. takeBack deletes it from the file before it is
// answered, and writes the session's end if that is known.
func (b *batch) tooLate(c *change, how *entry.Tombstone) {
	c.err, c.ok = ErrEnded, false
	b.late = append(b.late, c.next.Seq)
	if how != nil {
		b.lateEnds = append(b.lateEnds, entry.End{Key: c.key, Tombstone: *how})
	}
}
