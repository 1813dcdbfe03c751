package query

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// Rows are sorted by one number, their place: 44 bits of what the query sorts by,
// then the first 20 bits of the handle, which order most rows that are equal in the
// first part. 44 bits hold session times until the year 2527, and every count of
// refreshes.
const (
	handleBits = 20
	topOfOrder = 1<<(64-handleBits) - 1
)

// placeOf returns the place of a row that the query sorts by n.
func (v *Survey) placeOf(n int64, h *record.Handle) uint64 {
	return v.directed(n)<<handleBits | head(h)>>(64-handleBits)
}

func (v *Survey) directed(n int64) uint64 {
	place := uint64(max(0, min(n, topOfOrder)))
	if v.q.Descending {
		return topOfOrder - place
	}
	return place
}

// head returns the beginning of a handle as a number that sorts as the handle does.
func head(h *record.Handle) uint64 { return binary.BigEndian.Uint64(h[:8]) }

// placeOfSlot returns a live session's place, or the part of it that the slot knows;
// place adds what the body knows.
func (v *Survey) placeOfSlot(e *index.Slot) uint64 {
	switch v.q.Order {
	case record.ByUsed, record.ByEnded:
		return v.placeOf(e.Used, &e.Handle)
	case record.ByRemaining:
		return v.placeOf(e.Deadline(), &e.Handle)
	case record.ByAbsolute:
		if e.Absolute == 0 {
			return v.placeOf(entry.Never, &e.Handle)
		}
		return v.placeOf(e.Absolute, &e.Handle)
	case record.ByHandle:
		return v.placeOf(int64(head(&e.Handle)>>handleBits), &e.Handle)
	default:
		return head(&e.Handle) >> (64 - handleBits)
	}
}

// place completes the places for orders that only the bodies know.
func (v *Survey) place(c *columns[liveRow]) {
	for i, r := range c.rows {
		switch v.q.Order {
		case record.ByCreated:
			c.order[i] |= v.directed(r.body.Created) << handleBits
		case record.ByRefreshes:
			c.order[i] |= v.directed(int64(r.body.Refreshes.Load())) << handleBits
		default:
			return
		}
	}
}

// placeOfEnded returns the place of an ended session: by when it ended, or by
// handle.
func (v *Survey) placeOfEnded(r *endedRow) uint64 {
	if v.q.Order == record.ByHandle {
		return v.placeOf(int64(head(&r.handle)>>handleBits), &r.handle)
	}
	return v.placeOf(r.At, &r.handle)
}

func (v *Survey) wantsLive(e *index.Slot) bool {
	if v.q.States == record.EndedOnly {
		return false
	}
	return v.q.EndsWithin <= 0 || e.Deadline() <= v.now+entry.WholeMillis(v.q.EndsWithin)
}

func (v *Survey) wantsEnded(why record.Reason) bool {
	return v.q.States != record.LiveOnly && v.q.Match == nil && (v.q.Reason == record.NoReason || v.q.Reason == why)
}

// A prefix is the range of handles that begin with some digits, from low to high.
type prefix struct {
	low, high record.Handle
	all       bool // it keeps all sessions of the shards that can have it
}

func parsePrefix(s string) prefix {
	p := prefix{all: len(s) <= 2}
	rest := max(0, hex.EncodedLen(len(p.low))-len(s))
	low, err := hex.DecodeString(s + strings.Repeat("0", rest))
	high, _ := hex.DecodeString(s + strings.Repeat("f", rest))
	if err != nil || len(low) != len(p.low) {
		return prefix{low: record.Handle{1}} // low is above high, so no handle fits
	}
	p.low, p.high = record.Handle(low), record.Handle(high)
	return p
}

// begins reports whether sessions of a shard can have the prefix. The first byte of
// a handle is the number of its shard.
func (p *prefix) begins(shard int) bool {
	return int(p.low[0]) <= shard && shard <= int(p.high[0])
}

func (p *prefix) fits(h *record.Handle) bool {
	return p.all || bytes.Compare(p.low[:], h[:]) <= 0 && bytes.Compare(h[:], p.high[:]) <= 0
}
