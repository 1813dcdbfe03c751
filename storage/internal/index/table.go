package index

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"

	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A Slot is a session in memory: all that a refresh reads and writes, in one cache
// line. With a million sessions a refresh costs about as much as its cache misses;
// a map of pointers has three, this one (BenchmarkRefresh, ADR 0001).
// Slots move when others are removed; what has to stay in place is in the body.
type Slot struct {
	Handle  record.Handle
	Body    *Body // nil: the slot is empty
	flush   uint32
	pending uint32 // index in the shard's pending touches, if flush is the shard's
	entry.Life
	seq uint64
}

// A Body is what a slot leads to. It does not change, but for the memo and the
// count: a session with a new value gets a new body.
type Body struct {
	Value []byte
	memo  atomic.Pointer[any]
	// Refreshes is counted under the shard's lock, so that none is lost when the
	// body is replaced, and read without. It is beside the memo, which is read next.
	Refreshes atomic.Uint32
	subject   uint32 // see subjects; 0: none
	Created   int64
	Key       record.Key
}

// slot makes a slot of an entry, which joins its subject's sessions.
func (x *Index) slot(r *entry.Entry) Slot {
	return Slot{
		Handle: r.Key.Handle(), Life: r.Life, seq: r.Seq,
		Body: &Body{Key: r.Key, Value: r.Value, Created: r.Created, subject: x.subjects.join(r.Subject, r.Key)},
	}
}

// entryOf returns a session as the file would keep it.
func (x *Index) entryOf(e *Slot) entry.Entry {
	return entry.Entry{
		Life: e.Life, Key: e.Body.Key, Subject: x.subjects.nameOf(e.Body.subject),
		Value: e.Body.Value, Created: e.Body.Created, Seq: e.seq,
	}
}

// replace puts a slot in the place of another one of the same key.
func (x *Index) replace(e *Slot, next *entry.Entry) {
	was := e.Body.subject
	if *e = x.slot(next); e.Body.subject != was {
		x.subjects.leave(was, next.Key)
	}
}

// tombstone is that of a session which ends now for a reason, unless its time
// has run out before.
func (e *Slot) tombstone(now int64, why record.Reason) entry.Tombstone {
	if e.Expired(now) {
		return entry.Tombstone{At: e.Deadline(), Reason: e.Why()}
	}
	return entry.Tombstone{At: now, Reason: why}
}

// at describes the live session at an instant.
func (e *Slot) at(now int64) record.Record {
	out := record.Record{
		State: record.Live, Value: e.Body.Value, Version: e.seq,
		Age: entry.Millis(now - e.Body.Created), IdleTimeout: entry.Millis(e.Idle),
	}
	if memo := e.Body.memo.Load(); memo != nil {
		out.Memo = *memo
	}
	out.Remaining, out.AbsoluteRemaining = e.Left(now)
	return out
}

// A table is a hash table of slots: open addressing, linear probing, removal by
// shifting back. Keys are SHA-256, so their bits are the hash. The zero table is
// empty.
type table struct {
	slots []Slot
	count int
}

const (
	minSlots = 8
	// A table grows by half when it is five sixths full: at worst 115
	// bytes a session.
	maxLoadNum, maxLoadDen = 5, 6
)

// home is where a handle belongs in a table of n slots.
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

// insert adds a slot whose handle is not in the table and returns its place.
func (t *table) insert(e Slot) *Slot {
	if (t.count+1)*maxLoadDen > len(t.slots)*maxLoadNum {
		t.resize(max(minSlots, len(t.slots)*3/2))
	}
	t.count++
	return t.place(e)
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

// remove empties a slot and closes the gap: slots behind it that belong at or
// before it move up, so that no search ends too early.
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

// index finds the place of e, which is in the table.
func (t *table) index(e *Slot) int {
	i := home(&e.Handle, len(t.slots))
	for &t.slots[i] != e {
		i = next(i, len(t.slots))
	}
	return i
}

// shrink gives memory back when most of the table is empty.
func (t *table) shrink() {
	if len(t.slots) > minSlots && t.count*4 < len(t.slots) {
		t.resize(max(minSlots, t.count*2))
	}
}

func (t *table) resize(n int) {
	old := t.slots
	t.slots = make([]Slot, n)
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

// distance is how far it is from one place forward to another.
func distance(from, to, n int) int {
	if from <= to {
		return to - from
	}
	return n - from + to
}
