package storage

import (
	"fmt"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/record"
)

// A batch is the changes of one transaction, and what has to happen to memory when
// it is durable or has failed.
type batch struct {
	w       *writer
	now     int64
	changes []*change
	flush   bool
	tx      *file.Tx // set while write runs
	txid    int
	wrote   bool
	written int64 // bytes of pages, once it is durable

	// state holds what each changed key has once the batch is durable; nil: it has
	// ended. count and bytes are what the batch adds to the index's.
	state map[record.Key]*entry.Entry
	count int64
	bytes int64
	ends  []entry.End
	space int64 // bytes that the file has room for
	room  int64 // those that changes may still use

	// Garbage that the batch removes from the file; it is put back if the batch
	// fails.
	oldRecords []uint64
	swept      []entry.End
	owed       owed // ends that were answered before; put back as well

	repairs repairs             // those that it makes, or that are due once it is durable
	undone  map[record.Key]bool // keys of changes that are taken back
	moved   []*entry.Entry      // entries that repair has written again
	touched int                 // number of touches written
	emptied int                 // number of the journal's empty values that are deleted
}

func (w *writer) begin(changes []*change, flush bool) *batch {
	return &batch{w: w, now: w.line.Now(), changes: changes, flush: flush, state: make(map[record.Key]*entry.Entry, len(changes))}
}

// Repairs take back what became durable too late. They go in one transaction: until
// a kept session is written again, a late record may be the only one that it has.
type repairs struct {
	late []uint64     // records to delete
	ends []entry.End  // of the sessions that those records belong to
	kept []record.Key // live sessions whose record is deleted
}

func (r *repairs) add(more repairs) {
	r.late = append(r.late, more.late...)
	r.ends = append(r.ends, more.ends...)
	r.kept = append(r.kept, more.kept...)
}

func (r *repairs) empty() bool { return len(r.late)+len(r.kept) == 0 }

// repair returns a batch that makes repairs and nothing else.
func (w *writer) repair(r repairs) *batch {
	b := w.begin(nil, false)
	b.repairs, b.oldRecords, b.swept = r, r.late, r.ends
	return b
}

// putKept writes the kept sessions that are live and not in the file.
func (b *batch) putKept() error {
	for _, k := range b.repairs.kept {
		r, status := b.current(k)
		if status != record.Live || b.tx.HasEntry(r.Seq) {
			continue
		}
		if err := b.tx.PutEntry(&r); err != nil {
			return err
		}
		b.moved, b.state[k] = append(b.moved, &r), &r // also b.state, in case k is in kept twice
	}
	return nil
}

// payOwed writes ends that were answered before the file could have them, in every
// batch. An end and its record go in one transaction, so that a crash leaves both or
// neither. While the file is tight only flushes pay, because changes might not fit
// beside that.
func (b *batch) payOwed() error {
	if !b.flush && b.w.isTight() {
		return nil
	}
	most, _ := b.mostGarbage()
	b.owed = b.w.owed.take(most)
	for _, a := range b.owed.all {
		b.tx.EndBefore(a.before, a.how)
	}
	for _, seq := range b.owed.records {
		if err := b.tx.DeleteEntry(seq); err != nil {
			return err
		}
	}
	return nil
}

// write decides each change in turn and puts its outcome into the transaction.
func (b *batch) write() error {
	if err := b.takeRoom(); err != nil {
		return err
	}
	b.tx.Wrote = b.flush && b.w.failing // even with nothing to flush: it tells whether there is room again
	if err := b.payOwed(); err != nil { // before changes, as the mark has its ends in their order
		return err
	}
	for _, c := range b.changes {
		if err := b.apply(c); err != nil {
			return err
		}
	}
	if err := b.putKept(); err != nil {
		return err
	}
	switch {
	case b.flush:
		if err := b.flushAll(); err != nil {
			return err
		}
	case b.repairs.empty() && !b.w.isTight(): // repairs that fail are made again as they are
		b.takeGarbage(0)
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
	case adopt:
		return b.adopt(c)
	case disown:
		return b.disown(c)
	case note:
		b.tx.SetMove(c.move)
		c.ok = true
		return nil
	default:
		return nil
	}
}

// current returns what a key has after the changes of this batch so far.
func (b *batch) current(k record.Key) (entry.Entry, record.State) {
	if r, ok := b.state[k]; ok {
		if r == nil || r.Expired(b.w.line.Now()) {
			return entry.Entry{}, record.Ended
		}
		return *r, record.Live
	}
	return b.w.index.LookUp(&k)
}

// hold extends a session, so that it does not expire while the disk is at work. It
// returns the session's last use, and false when the session has ended.
func (b *batch) hold(k record.Key) (used int64, ok bool) {
	used, state := b.w.index.Hold(&k)
	created := state == record.None && b.state[k] != nil // by a change of this batch
	return used, created || state == record.Live
}

func (b *batch) set(c *change) error {
	old, status := b.current(c.key)
	switch {
	case status == record.Live && c.kind == create:
		c.err = ErrExists
	case status == record.Live:
		return b.replace(c, &old, c.key)
	case c.kind == replace, status == record.Ended && !b.mayRevive(c):
		c.err = ErrEnded
	default:
		return b.create(c)
	}
	return nil
}

// mayRevive reports whether a change may store a key again that has ended.
func (b *batch) mayRevive(c *change) bool { return c.kind == upsert && !b.w.cfg.RefuseEnded }

func (b *batch) create(c *change) error {
	if c.err = b.grow(1, len(c.value), len(c.value)); c.err != nil {
		return nil
	}
	next := entry.New(c.key, c.value, b.now, c.idle, c.absolute)
	if c.subject != nil {
		next.Subject = *c.subject
	}
	return b.store(c, next, 0)
}

// replace writes an entry in place of a live session's, under the same key or, for a
// rotation, another.
func (b *batch) replace(c *change, old *entry.Entry, key record.Key) error {
	if c.version != 0 && c.version != old.Seq { // another change came first
		c.err = record.ErrConflict
		return nil
	}
	if c.err = b.grow(0, len(c.value)-len(old.Value), len(c.value)); c.err != nil {
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
	if old.Touch(used); next.Deadline() > old.Deadline() {
		next.Until = old.Deadline()
	}
	return b.store(c, next, old.Seq)
}

// rotate refuses a session that is being ended, because that end knows only the old
// key.
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

// reset ends every session in the index. It is alone in its batch.
func (b *batch) reset(c *change) error {
	b.tx.EndAll(entry.Tombstone{At: b.now, Reason: c.reason})
	c.ok = true
	return nil
}

// noteEnd records the end of a key for the rest of the batch and for the file.
func (b *batch) noteEnd(k record.Key, why record.Reason) {
	b.state[k] = nil
	b.ends = append(b.ends, entry.End{Key: k, Tombstone: entry.Tombstone{At: b.now, Reason: why}})
}

// grow counts new sessions, bytes and the room for a record with a value of that
// length, or returns ErrFull. At MaxSessions and MaxBytes it first sweeps expired
// sessions.
func (b *batch) grow(sessions, bytes, value int) error {
	x, cfg := b.w.index, &b.w.cfg
	crowded := func() bool { return sessions > 0 && x.Count.Load()+b.count >= int64(cfg.MaxSessions) }
	if crowded() && !b.w.makeRoom(crowded) {
		b.w.stats.refuse()
		return fmt.Errorf("%w: there are %d sessions, the limit (MaxSessions)", ErrFull, cfg.MaxSessions)
	}
	heavy := func() bool { return bytes > 0 && x.Bytes.Load()+b.bytes+int64(bytes) > cfg.MaxBytes }
	if heavy() && !b.w.makeRoom(heavy) {
		return fmt.Errorf("%w: the values reach %d bytes, the limit (MaxBytes)", ErrFull, cfg.MaxBytes)
	}
	if err := b.fit(value); err != nil {
		return err
	}
	b.count += int64(sessions)
	b.bytes += int64(bytes)
	return nil
}

// store appends an entry and deletes the one that it replaces; 0: none.
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
