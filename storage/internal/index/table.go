package index

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A Slot is a session in memory: all that a refresh reads and writes, in one cache
// line. At a million sessions a refresh costs about as much as its cache misses.
// This table has one; a map of pointers would have three (BenchmarkRefresh, ADR
// 0001). Slots move when others are removed, so whatever must stay in place is in
// the Body.
type Slot struct {
	Handle  record.Handle
	Body    *Body  // nil: the slot is empty
	flush   uint32 // number of the flush that has its last touch; 0: none
	pending uint32 // its index in the shard's pending touches, if flush is the shard's
	entry.Life
	seq uint64
}

// slot makes a slot of an entry, and adds it to its subject's sessions.
func (x *Index) slot(r *entry.Entry) Slot {
	return Slot{
		Handle: r.Key.Handle(), Life: r.Life, seq: r.Seq,
		Body: newBody(r, x.subjects.join(r.Subject, r.Key)),
	}
}

// Key returns the session's key.
func (e *Slot) Key() record.Key { return e.Body.Key(e.Handle) }

// entryOf returns a session as the file keeps it.
func (x *Index) entryOf(e *Slot) entry.Entry {
	return entry.Entry{
		Life: e.Life, Key: e.Key(), Subject: x.subjects.nameOf(e.Body.subject),
		Value: e.Body.Value, Created: e.Body.Created, Seq: e.seq,
	}
}

// replace puts a new slot in the place of another one of the same key. The caller holds
// the lock.
func (x *Index) replace(s *Shard, e *Slot, next *entry.Entry) {
	delete(s.memos, e.Handle)
	was := e.Body.subject
	if *e = x.slot(next); e.Body.subject != was {
		x.subjects.leave(was, next.Key)
	}
}

// tombstone returns the tombstone of a session that ends now for a reason. If the
// session has expired before, it says that.
func (e *Slot) tombstone(now int64, why record.Reason) entry.Tombstone {
	if e.Expired(now) {
		return entry.Tombstone{At: e.Deadline(), Reason: e.Why()}
	}
	return entry.Tombstone{At: now, Reason: why}
}

// at describes a live session at an instant. The caller holds the lock.
func (s *Shard) at(e *Slot, now int64) record.Record {
	out := record.Record{
		State: record.Live, Value: e.Body.Value, Version: e.seq,
		Age: entry.Millis(now - e.Body.Created), IdleTimeout: entry.Millis(e.Idle),
	}
	if len(s.memos) > 0 {
		out.Memo = s.memoOf(e)
	}
	out.Remaining, out.AbsoluteRemaining = e.Left(now)
	return out
}

// A table is a hash table of slots with open addressing and linear probing; removal
// shifts slots back. Handles are part of a SHA-256, so their bits serve as the hash.
// The zero table is empty.
type table struct {
	slots []Slot
	count int
}

const (
	minSlots = 8
	// A table grows by half when it is five sixths full. At worst that takes 115
	// bytes a session.
	maxLoadNum, maxLoadDen = 5, 6
)

// home returns where a handle belongs in a table of n slots.
func home(h *record.Handle, n int) int {
	hi, _ := bits.Mul64(binary.LittleEndian.Uint64(h[8:]), uint64(n))
	return int(hi)
}

// find returns the slot of a handle, or nil. It is valid until the next insert or
// remove.
func (t *table) find(h *record.Handle) *Slot {
	if t.count == 0 {
		return nil
	}
	for i := home(h, len(t.slots)); ; i++ {
		if i == len(t.slots) {
			i = 0
		}
		e := &t.slots[i]
		if e.Body == nil {
			return nil
		}
		if e.Handle == *h {
			return e
		}
	}
}

// insert adds a slot whose handle is not in the table, and returns its place.
func (t *table) insert(e Slot) *Slot {
	if (t.count+1)*maxLoadDen > len(t.slots)*maxLoadNum {
		t.resize(max(minSlots, len(t.slots)*3/2))
	}
	t.count++
	return t.place(e)
}

// reserve makes room for about n sessions in an empty table. In another one it does nothing.
func (t *table) reserve(n int) {
	if n >= minSlots && t.count == 0 {
		t.slots = newSlots(n*maxLoadDen/maxLoadNum + n/16)
	}
}

// slotsPerPage is how many slots a page of memory has.
const slotsPerPage = 4096 / slotBytes

// newSlots returns empty slots. It writes to each page of theirs: a search reads a slot
// before an insert writes to it, and Linux gives a page that is only read its one page of
// zeros. The write then costs a second fault, which interrupts every processor.
func newSlots(n int) []Slot {
	slots := make([]Slot, n)
	for i := 0; i < n; i += slotsPerPage {
		atomic.StoreUint32(&slots[i].flush, 0) // a plain write of zero could be left out
	}
	return slots
}

func (t *table) place(e Slot) *Slot {
	for i := home(&e.Handle, len(t.slots)); ; i++ {
		if i == len(t.slots) {
			i = 0
		}
		if t.slots[i].Body == nil {
			t.slots[i] = e
			return &t.slots[i]
		}
	}
}

// remove empties a slot and closes the gap: it moves up later slots that belong at
// the gap or before it, so that a search still finds them.
func (t *table) remove(e *Slot) {
	n := len(t.slots)
	gap := t.index(e)
	for i := next(gap, n); t.slots[i].Body != nil; i = next(i, n) {
		at := home(&t.slots[i].Handle, n)
		if distance(at, i, n) >= distance(gap, i, n) {
			t.slots[gap] = t.slots[i]
			gap = i
		}
	}
	t.slots[gap] = Slot{}
	t.count--
}

// index returns the place of e, which is in the table.
func (t *table) index(e *Slot) int {
	i := home(&e.Handle, len(t.slots))
	for &t.slots[i] != e {
		i = next(i, len(t.slots))
	}
	return i
}

// shrink frees memory when less than a quarter of the table is used.
func (t *table) shrink() {
	if len(t.slots) > minSlots && t.count*4 < len(t.slots) {
		t.resize(max(minSlots, t.count*2))
	}
}

func (t *table) resize(n int) {
	old := t.slots
	t.slots = newSlots(n)
	for i := range old {
		if old[i].Body != nil {
			t.place(old[i])
		}
	}
}

func next(i, n int) int {
	if i++; i < n {
		return i
	}
	return 0
}

// distance returns how far it is from one place forward to another.
func distance(from, to, n int) int {
	if from <= to {
		return to - from
	}
	return n - from + to
}
