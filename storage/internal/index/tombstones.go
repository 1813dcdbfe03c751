package index

import (
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// tombstones remembers ended sessions in two generations. A generation is dropped as
// a whole, so forgetting costs nothing and memory is bounded. A tombstone stays for
// one to two turns of entry.KeepEnded, or less when too many sessions end.
type tombstones struct {
	young, old map[record.Handle]entry.Tombstone
	turned     int64
	limit      int   // on the size of one generation
	forgot     int64 // when some were last forgotten; 0: never
}

func (e *tombstones) get(h record.Handle) (entry.Tombstone, bool) {
	if t, ok := e.young[h]; ok {
		return t, true
	}
	t, ok := e.old[h]
	return t, ok
}

// Each calls do once for every tombstone.
func (e *tombstones) Each(do func(record.Handle, entry.Tombstone)) {
	for h, t := range e.young {
		do(h, t)
	}
	for h, t := range e.old {
		if _, again := e.young[h]; !again {
			do(h, t)
		}
	}
}

func (e *tombstones) add(h record.Handle, t entry.Tombstone, now int64) {
	if len(e.young) >= e.limit {
		e.turn(now)
	}
	if e.young == nil {
		e.young = make(map[record.Handle]entry.Tombstone)
	}
	e.young[h] = t
}

// forget removes a tombstone, because its key is live again.
func (e *tombstones) forget(h record.Handle) {
	delete(e.young, h)
	delete(e.old, h)
}

// age starts a new generation when the young one is old enough.
func (e *tombstones) age(now int64) {
	if now-e.turned >= entry.KeepEnded {
		e.turn(now)
	}
}

func (e *tombstones) turn(now int64) {
	if len(e.old) > 0 {
		e.forgot = now
	}
	e.old, e.young, e.turned = e.young, nil, now
}
