package storage

import (
	"fmt"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// publish makes a durable batch visible, change by change in their order. Ends
// become visible also if their callers have given up, because they have been in
// effect since the call.
func (w *writer) publish(b *batch) {
	w.showing.Lock()
	defer w.showing.Unlock()
	w.shown = w.file.Load().LastSeq()
	for _, r := range b.moved { // before paid: its end must not count as saved in between
		if !w.index.Move(r) {
			w.oweMoved(r)
		}
	}
	w.owed.paid(b.owed)
	switch full := w.isFull(); {
	case full && w.failing && b.wrote:
		w.failing = false
		w.judgeRoom(b.room)
	case !full && w.owed.empty():
		w.clear()
	}
	for _, c := range b.changes {
		c.left = !c.state.CompareAndSwap(taken, deciding)
		switch {
		case c.err != nil || !c.ok:
		case c.stays() || !c.left && !b.isUndone(c):
			w.show(b, c)
			if c.kind != disown { // it has not ended
				w.waits.wake(c.key)
			}
		default:
			b.undo(c)
		}
		if c.err == nil && (c.kind == finish || c.kind == finishSubject) {
			c.err = w.unsaved(c) // an older record of the key may be in the file
		}
		c.state.CompareAndSwap(deciding, settled)
	}
	if b.flush {
		w.journal.done(b.emptied)
	}
	if !w.owed.empty() && !w.isTight() {
		select {
		case w.more <- struct{}{}:
		default:
		}
	}
}

// oweMoved owes the file the end of a session that has ended while its record was
// written again: its end is owed under the number of the old one.
func (w *writer) oweMoved(r *entry.Entry) {
	how := w.index.HowEnded(&r.Key)
	if how == nil { // it is forgotten
		how = &entry.Tombstone{At: w.line.Now(), Reason: record.Deleted}
	}
	w.owed.incur(how.At, func(owe func(index.Ended)) {
		owe(index.Ended{Seq: r.Seq, End: entry.End{Key: r.Key, Tombstone: *how}})
	})
}

func (w *writer) show(b *batch, c *change) {
	switch c.kind {
	case create, upsert, replace, adopt:
		if c.old == 0 {
			w.insert(c.next)
		} else if done, how := w.index.Replace(c.next); !done {
			b.tooLate(c, how)
		}
	case rotate:
		if done, how := w.index.Rotate(&c.key, c.next, b.now); !done {
			b.tooLate(c, how)
			b.repairs.kept = append(b.repairs.kept, c.key) // the end that overtook it may still fail
		}
	case finish:
		w.index.End(entry.End{Key: c.key, Tombstone: entry.Tombstone{At: b.now, Reason: c.reason}}, b.now)
	case disown:
		w.index.Disown(&c.key)
	case note:
		w.move.Store(&c.move)
	case finishSubject:
		w.showEnds(b)
	case reset:
		c.ended = w.index.SetAside(entry.Tombstone{At: b.now, Reason: c.reason})
		w.search.forget() // makeRoom finds their bytes
		w.waits.wakeAll()
		if !c.left { // a caller who left has withdrawn its refusal
			w.index.AllowAll()
		}
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
	c.err, c.ok, c.late = ErrEnded, false, true
	b.repairs.late = append(b.repairs.late, c.next.Seq)
	if how != nil {
		b.repairs.ends = append(b.repairs.ends, entry.End{Key: c.key, Tombstone: *how})
	}
}

// undo takes back a change whose caller was told that it is not made, or one that
// was decided on such a change. What it replaced is written again.
func (b *batch) undo(c *change) {
	b.tooLate(c, b.w.index.HowEnded(&c.key))
	c.err = fmt.Errorf("%w: the disk took too long", ErrUnavailable)
	if c.old != 0 {
		b.repairs.kept = append(b.repairs.kept, c.key)
	}
	if b.undone == nil {
		b.undone = make(map[record.Key]bool)
	}
	b.undone[c.key] = true
	if c.kind == rotate {
		b.undone[c.to] = true
	}
}

// isUndone reports whether a change was decided on one that is taken back.
func (b *batch) isUndone(c *change) bool {
	return b.undone[c.key] || c.kind == rotate && b.undone[c.to]
}
