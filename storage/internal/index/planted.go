package index

import "time"

// What is here is called by planted bugs only, see package planted.

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

// notedExpired reports whether a session has expired by the deadline of its creation, as
// a sweeper knows it that has noted it then and does not look again.
func (e *Slot) notedExpired(now int64) bool { return e.Idle > 0 && e.Body.Created+e.Idle <= now }
