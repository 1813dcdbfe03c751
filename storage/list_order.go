package storage

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// Rows are put in order by one number, their place: 44 bits of what the query
// sorts by, and the first 20 bits of the handle, which tell most of those apart
// that are equal by it. 44 bits hold session times until the year 2527, and
// every count of refreshes.
const (
	handleBits = 20
	topOfOrder = 1<<(64-handleBits) - 1
)

// placeOf is the place of a row that the query sorts by n.
func (q *Query) placeOf(n int64, r *ref) uint64 {
	return q.directed(n)<<handleBits | r.head()>>(64-handleBits)
}

func (q *Query) directed(n int64) uint64 {
	place := uint64(max(0, min(n, topOfOrder)))
	if q.Descending {
		return topOfOrder - place
	}
	return place
}

// head is the beginning of a ref, as a number that sorts as the ref does.
func (r *ref) head() uint64 { return binary.BigEndian.Uint64(r[:8]) }

// placeOfSlot is a live session's place, or the part of it that the slot tells:
// place adds what the body has.
func (q *Query) placeOfSlot(e *slot) uint64 {
	switch q.Order {
	case ByUsed, ByEnded:
		return q.placeOf(e.used, &e.ref)
	case ByRemaining:
		return q.placeOf(e.deadline(), &e.ref)
	case ByAbsolute:
		if e.absolute == 0 {
			return q.placeOf(never, &e.ref)
		}
		return q.placeOf(e.absolute, &e.ref)
	case ByHandle:
		return q.placeOf(int64(e.ref.head()>>handleBits), &e.ref)
	default:
		return e.ref.head() >> (64 - handleBits)
	}
}

// place completes the places of an order that only bodies know.
func (c *liveColumns) place(q *Query) {
	switch q.Order {
	case ByCreated:
		for i := range c.rows {
			c.order[i] |= q.directed(c.rows[i].body.created) << handleBits
		}
	case ByRefreshes:
		for i := range c.rows {
			c.order[i] |= q.directed(int64(c.rows[i].body.refreshes.Load())) << handleBits
		}
	}
}

// placeOfEnded is the place of an ended session: by when it ended, for there is
// little else to sort it by.
func (q *Query) placeOfEnded(r *endedRow) uint64 {
	if q.Order == ByHandle {
		return q.placeOf(int64(r.ref.head()>>handleBits), &r.ref)
	}
	return q.placeOf(r.at, &r.ref)
}

func (q *Query) wantsLive(e *slot, now int64) bool {
	if q.States == EndedOnly {
		return false
	}
	return q.EndsWithin <= 0 || e.deadline() <= now+wholeMillis(q.EndsWithin)
}

func (q *Query) wantsEnded(why Reason) bool {
	return q.States != LiveOnly && q.Match == nil && (q.Reason == NoReason || q.Reason == why)
}

// A prefix is the beginning of a handle.
type prefix struct {
	digits int
	bytes  ref // the rest is 0
	wrong  bool
}

func parsePrefix(s string) prefix {
	p := prefix{digits: len(s), wrong: len(s) > hex.EncodedLen(len(ref{}))}
	if p.wrong {
		return p
	}
	_, err := hex.Decode(p.bytes[:], []byte(s+strings.Repeat("0", len(s)%2)))
	p.wrong = err != nil
	return p
}

// begins reports whether sessions of a shard can have the prefix: the shard's
// number is the first byte.
func (p *prefix) begins(shard int) bool {
	switch {
	case p.wrong:
		return false
	case p.digits == 0:
		return true
	case p.digits == 1:
		return int(p.bytes[0]>>4) == shard>>4
	default:
		return int(p.bytes[0]) == shard
	}
}

func (p *prefix) fits(r *ref) bool {
	if p.digits <= 2 { // begins has seen to it
		return true
	}
	whole := p.digits / 2
	return string(r[:whole]) == string(p.bytes[:whole]) && (p.digits%2 == 0 || r[whole]>>4 == p.bytes[whole]>>4)
}
