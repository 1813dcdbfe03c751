package index

import (
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// Restore publishes a session of the file. The last of two entries of one key
// wins; restore returns the number of the other, 0 if there is none. There are
// two when a tombstone was forgotten under pressure, its key used again, and the
// process killed before the older one was deleted.
func (x *Index) Restore(e *entry.Entry) (older uint64) {
	s, h := x.shard(&e.Key), e.Key.Handle()
	was := s.live.find(&h)
	if was == nil {
		x.Insert(e)
		return 0
	}
	older = was.seq
	x.Bytes.Add(int64(len(e.Value) - len(was.Body.Value)))
	*was = newSlot(e)
	return older
}

// Remember publishes an end of the file.
func (x *Index) Remember(e entry.End, now int64) {
	x.shard(&e.Key).ended.add(e.Key.Handle(), e.Tombstone, now)
}

// Totals are counts since the index was made: calls of refresh that found a live
// session, and ends by reason.
func (x *Index) Totals() (refreshes uint64, ends [record.Reasons]uint64) {
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.Lock()
		refreshes += s.refreshes
		for why, n := range s.ends {
			ends[why] += n
		}
		s.mu.Unlock()
	}
	return refreshes, ends
}
