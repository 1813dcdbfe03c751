package storage

import (
	"fmt"
	"math"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/record"
)

// A batch is one transaction.
type batch struct {
	w       *writer
	now     int64
	changes []*change
	flush   bool
	tx      *file.Tx // while it is written
	txid    int
	wrote   bool

	// state holds what keys will be once the batch is durable; a nil record
	// has ended. count and bytes are what they add to the index.
	state map[record.Key]*entry.Entry
	count int64
	bytes int64
	ends  []entry.End

	// Garbage this batch removes, kept to be put back if it fails.
	oldRecords []uint64
	swept      []entry.End

	late     []uint64       // records that may not be shown
	lateEnds []entry.End    // of sessions that had expired when it was published
	kept     []record.Key   // sessions whose record is gone from the file, and should not be
	moved    []*entry.Entry // where repair put them
	touched  int            // touches written
	emptied  bool           // worthless touches are deleted
}

func (w *writer) begin(changes []*change, flush bool) *batch {
	return &batch{w: w, now: w.line.Now(), changes: changes, flush: flush, state: make(map[record.Key]*entry.Entry, len(changes))}
}

// repair is a batch that takes back what became durable too late: it deletes
// records of sessions that had ended meanwhile, and writes those again that a
// refused rotation has deleted.
func (w *writer) repair(late []uint64, ends []entry.End, kept []record.Key) *batch {
	b := w.begin(nil, false)
	b.oldRecords, b.swept, b.kept = late, ends, kept
	return b
}

// putKept writes the kept sessions that have not been written since.
func (b *batch) putKept() error {
	for _, k := range b.kept {
		r, status := b.current(k)
		if status != record.Live || b.tx.HasEntry(r.Seq) {
			continue
		}
		if err := b.tx.PutEntry(&r); err != nil {
			return err
		}
		b.moved = append(b.moved, &r)
	}
	return nil
}

// write decides every change and puts what it means into the transaction.
func (b *batch) write() error {
	for _, c := range b.changes {
		if err := b.apply(c); err != nil {
			return err
		}
	}
	if err := b.putKept(); err != nil {
		return err
	}
	if b.flush {
		if err := b.flushAll(); err != nil {
			return err
		}
	}
	if err := b.deleteGarbage(); err != nil {
		return err
	}
	return b.putEnds()
}

func (b *batch) apply(c *change) error {
	switch c.kind {
	case create, upsert, replace:
		return b.set(c)
	case rotate:
		return b.rotate(c)
	case finish:
		return b.finish(c)
	case finishSubject:
		return b.finishSubject(c)
	case reset:
		return b.reset(c)
	default:
		return nil
	}
}

// current returns what a key holds as this batch sees it.
func (b *batch) current(k record.Key) (entry.Entry, record.State) {
	if r, ok := b.state[k]; ok {
		if r == nil || r.Expired(b.w.line.Now()) {
			return entry.Entry{}, record.Ended
		}
		return *r, record.Live
	}
	return b.w.index.LookUp(&k)
}

// hold keeps a session from expiring while the disk is at work. It returns its
// last use, and false when it has ended.
func (b *batch) hold(k record.Key) (used int64, ok bool) {
	used, state := b.w.index.Hold(&k)
	created := state == record.None && b.state[k] != nil // by this batch
	return used, created || state == record.Live
}

func (b *batch) set(c *change) error {
	old, status := b.current(c.key)
	switch {
	case status == record.Live && c.kind == create:
		c.err = ErrExists
	case status == record.Live:
		return b.replace(c, &old, c.key)
	case status == record.Ended || c.kind == replace:
		c.err = ErrEnded
	default:
		return b.create(c)
	}
	return nil
}

func (b *batch) create(c *change) error {
	if c.err = b.grow(1, len(c.value)); c.err != nil {
		return nil
	}
	next := entry.New(c.key, c.value, b.now, c.idle, c.absolute)
	if c.subject != nil {
		next.Subject = *c.subject
	}
	return b.store(c, next, 0)
}

// replace writes what takes the place of a live session, under its own key or
// another.
func (b *batch) replace(c *change, old *entry.Entry, key record.Key) error {
	if c.version != 0 && c.version != old.Seq { // changed since the caller read it
		c.err = record.ErrConflict
		return nil
	}
	if c.err = b.grow(0, len(c.value)-len(old.Value)); c.err != nil {
		return nil
	}
	used, ok := b.hold(c.key)
	if !ok {
		c.err = ErrEnded
		return nil
	}
	if key != c.key {
		b.noteEnd(c.key, record.Replaced)
	}
	next := &entry.Entry{
		Key: key, Subject: old.Subject, Value: c.value, Created: old.Created,
		Life: entry.Life{Used: used, Idle: c.idle, Absolute: old.Absolute},
	}
	if c.subject != nil {
		next.Subject = *c.subject
	}
	return b.store(c, next, old.Seq)
}

// rotate refuses a session that is being ended: its end knows the old key only.
func (b *batch) rotate(c *change) error {
	old, status := b.current(c.key)
	_, target := b.current(c.to)
	switch {
	case status != record.Live || b.w.index.IsEnding(&c.key):
		c.err = ErrEnded
	case target == record.Live:
		c.err = ErrExists
	case target == record.Ended:
		c.err = ErrEnded
	default:
		return b.replace(c, &old, c.to)
	}
	return nil
}

func (b *batch) finish(c *change) error {
	old, status := b.current(c.key)
	if status != record.Live {
		return nil
	}
	c.ok = true
	return b.end(&old, c.reason)
}

func (b *batch) end(e *entry.Entry, why record.Reason) error {
	b.noteEnd(e.Key, why)
	b.count--
	b.bytes -= int64(len(e.Value))
	return b.tx.DeleteEntry(e.Seq)
}

// reset ends everything that is in the index; it is alone in its batch.
func (b *batch) reset(c *change) error {
	if err := b.tx.Clear(); err != nil {
		return err
	}
	b.ends, c.ended = b.w.index.EndsOfAll(b.now, c.reason)
	b.oldRecords, b.swept, _ = b.w.trash.take(math.MaxInt) // the records went just now
	c.ok = true
	return nil
}

// noteEnd notes that a key has ended, for the rest of the batch and for the file.
func (b *batch) noteEnd(k record.Key, why record.Reason) {
	b.state[k] = nil
	b.ends = append(b.ends, entry.End{Key: k, Tombstone: entry.Tombstone{At: b.now, Reason: why}})
}

// grow accounts for sessions and bytes, or refuses. Before it refuses it has
// expired sessions swept.
func (b *batch) grow(sessions, bytes int) error {
	x, cfg := b.w.index, &b.w.cfg
	crowded := func() bool { return sessions > 0 && x.Count.Load()+b.count >= int64(cfg.MaxSessions) }
	if crowded() && (!b.w.makeRoom() || crowded()) {
		return fmt.Errorf("%w: %d sessions", ErrFull, cfg.MaxSessions)
	}
	if bytes > 0 && x.Bytes.Load()+b.bytes+int64(bytes) > cfg.MaxBytes {
		return fmt.Errorf("%w: %d bytes", ErrFull, cfg.MaxBytes)
	}
	b.count += int64(sessions)
	b.bytes += int64(bytes)
	return nil
}

// store writes a record behind all others and drops the one it replaces.
func (b *batch) store(c *change, next *entry.Entry, old uint64) error {
	if err := b.tx.PutEntry(next); err != nil {
		return err
	}
	c.next, c.old, c.ok = next, old, true
	b.state[next.Key] = next
	if old == 0 {
		return nil
	}
	return b.tx.DeleteEntry(old)
}
