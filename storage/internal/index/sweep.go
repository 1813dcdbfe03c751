package index

import (
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A Sweep goes through one shard. It decides nothing: readers see by the deadline
// alone what has expired.
type Sweep struct {
	Line *clock.Timeline
	Keep int64 // how long tombstones stay at least, ms
	// thin tells which flushes their last sessions should leave.
	Thin func(flush uint32) bool
	// took gets what was removed, under the shard's lock: a flush that finds
	// the last touches of it worthless finds its end as well.
	Took func(seqs []uint64, ends []entry.End)
}

// Sweep removes the expired sessions of a shard and returns how many. It looks and
// removes under the same lock, so a session that is refreshed in between stays.
func (x *Index) Sweep(i int, w *Sweep) int {
	s := &x.shards[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	now := w.Line.Now()
	var seqs []uint64
	var ends []entry.End
	for j := 0; j < len(s.live.slots); {
		e := &s.live.slots[j]
		switch {
		case e.Body == nil:
		case e.Expired(now):
			t := e.tombstone(now, record.Idle)
			seqs, ends = append(seqs, e.seq), append(ends, entry.End{Key: e.Body.Key, Tombstone: t})
			x.remove(s, e, t, now)
			continue // another one may have moved here
		case w.Thin(e.flush):
			s.touches.note(e) // carries its touch forward
		}
		j++
	}
	s.live.shrink()
	s.ended.age(now, w.Keep)
	if len(seqs) > 0 {
		w.Took(seqs, ends)
	}
	return len(seqs)
}
