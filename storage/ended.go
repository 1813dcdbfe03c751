package storage

import (
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// endedSet remembers tombstones in two generations. A generation is dropped
// whole, so forgetting costs nothing and memory is bounded: a tombstone lives
// for one to two turns, less only when more than its share of them arrive.
type endedSet struct {
	young, old map[record.Handle]entry.Tombstone
	turned     int64
	limit      int // of one generation
}

func (e *endedSet) get(h record.Handle) (entry.Tombstone, bool) {
	if t, ok := e.young[h]; ok {
		return t, true
	}
	t, ok := e.old[h]
	return t, ok
}

// each calls do for every tombstone.
func (e *endedSet) each(do func(record.Handle, entry.Tombstone)) {
	for h, t := range e.young {
		do(h, t)
	}
	for h, t := range e.old {
		if _, again := e.young[h]; !again {
			do(h, t)
		}
	}
}

func (e *endedSet) add(h record.Handle, t entry.Tombstone, now int64) {
	if len(e.young) >= e.limit {
		e.turn(now)
	}
	if e.young == nil {
		e.young = make(map[record.Handle]entry.Tombstone)
	}
	e.young[h] = t
}

// age turns the generations when the young one is older than keep.
func (e *endedSet) age(now, keep int64) {
	if now-e.turned >= keep {
		e.turn(now)
	}
}

func (e *endedSet) turn(now int64) {
	e.old, e.young, e.turned = e.young, nil, now
}
