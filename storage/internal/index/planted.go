package index

import "time"

// Only planted bugs call what is in this file; see package planted.

// upsert writes a session back as it was read a moment before.
func (x *Index) upsert(s *Shard, read Slot) {
	s.mu.Unlock()
	time.Sleep(time.Millisecond)
	s.mu.Lock()
	if s.live.find(&read.Handle) == nil {
		read.flush = 0
		s.live.insert(read)
		x.Count.Add(1)
	}
}

// notedExpired reports whether a session has expired by the deadline that it was
// created with, as a sweeper would see it that noted the deadline then and does not
// check again.
func (e *Slot) notedExpired(now int64) bool { return e.Idle > 0 && e.Body.Created+e.Idle <= now }
