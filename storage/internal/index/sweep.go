package index

import (
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// Sweep removes the expired sessions of a shard and returns how many. It decides
// nothing: readers see by the deadline alone what has expired. It looks and
// removes under the same lock, so a session that is refreshed in between stays.
//
// thin tells which flushes their last sessions should leave. took gets what was
// removed, under the lock: a flush that finds the last touches of it worthless
// finds its end as well.
func (x *Index) Sweep(i int, thin func(flush uint32) bool, took func(seqs []uint64, ends []entry.End)) int {
	s := &x.shards[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	now := x.line.Now()
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
		case thin(e.flush):
			s.touches.note(e) // carries its touch forward
		}
		j++
	}
	s.live.shrink()
	s.Ended.age(now)
	if len(seqs) > 0 {
		took(seqs, ends)
	}
	return len(seqs)
}
