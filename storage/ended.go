package storage

// A tombstone remembers that a key was used, why it ended and when.
type tombstone struct {
	at     int64 // session time, ms
	reason Reason
}

// endedSet remembers tombstones in two generations. A generation is dropped
// whole, so forgetting costs nothing and memory is bounded: a tombstone lives
// for one to two turns, less only when more than its share of them arrive.
type endedSet struct {
	young, old map[ref]tombstone
	turned     int64
	limit      int // of one generation
}

func (e *endedSet) get(r ref) (tombstone, bool) {
	if t, ok := e.young[r]; ok {
		return t, true
	}
	t, ok := e.old[r]
	return t, ok
}

// each calls visit for every tombstone.
func (e *endedSet) each(visit func(ref, tombstone)) {
	for r, t := range e.young {
		visit(r, t)
	}
	for r, t := range e.old {
		if _, again := e.young[r]; !again {
			visit(r, t)
		}
	}
}

func (e *endedSet) add(r ref, t tombstone, now int64) {
	if len(e.young) >= e.limit {
		e.turn(now)
	}
	if e.young == nil {
		e.young = make(map[ref]tombstone)
	}
	e.young[r] = t
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
