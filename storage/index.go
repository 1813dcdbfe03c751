package storage

import (
	"sync"
	"sync/atomic"
)

// shardCount spreads the locks. It is far above the number of processors, so
// that two requests rarely meet, and makes the sweeper's steps short: at a
// million sessions it holds one lock for 4,000 sessions, about 0.1 ms.
const shardCount = 256

// An index holds every session in memory. Refresh and Peek take one shard's
// lock to look at one cache line; nothing under it waits for anything.
type index struct {
	shards [shardCount]shard
	count  atomic.Int64 // sessions, expired ones that are not yet swept included
	bytes  atomic.Int64 // of their values
}

type shard struct {
	mu        sync.Mutex // protects everything below
	live      table
	ending    map[ref]Reason // ends being made durable: refused already
	ended     endedSet
	touches   pending
	refreshes uint64
}

func newIndex(maxEnded int, now int64) *index {
	x := new(index)
	for i := range x.shards {
		s := &x.shards[i]
		s.ending = make(map[ref]Reason)
		s.ended.limit = max(1, maxEnded/2/shardCount)
		s.ended.turned = now
		s.touches.flush = firstFlush
	}
	return x
}

func (x *index) shard(k *Key) *shard { return &x.shards[k[0]] }

// find returns the session if it can be used at that instant, else nil and
// what became of it. The caller holds the lock.
func (s *shard) find(r *ref, now int64) (*slot, Record) {
	e := s.live.find(r)
	switch {
	case e == nil:
		if t, ok := s.ended.get(*r); ok {
			return nil, Record{Status: Ended, Reason: t.reason}
		}
		return nil, Record{}
	case e.over(now):
		return nil, Record{Status: Ended, Reason: e.why()}
	case len(s.ending) > 0 && s.ending[*r] != NoReason:
		return nil, Record{Status: Ended, Reason: s.ending[*r]}
	default:
		return e, Record{}
	}
}

func (x *index) peek(k *Key, now int64) Record {
	s, r := x.shard(k), k.ref()
	s.mu.Lock()
	defer s.mu.Unlock()
	e, gone := s.find(&r, now)
	if e == nil {
		return gone
	}
	return e.at(now)
}

func (x *index) refresh(k *Key, now int64) Record {
	s, r := x.shard(k), k.ref()
	s.mu.Lock()
	defer s.mu.Unlock()
	e, gone := s.find(&r, now)
	if e == nil {
		return gone
	}
	s.refreshes++
	if e.touch(now) {
		s.touches.note(e)
	}
	return e.at(now)
}

func (x *index) memoize(k *Key, version uint64, memo any) {
	s, r := x.shard(k), k.ref()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.live.find(&r); e != nil && e.seq == version {
		e.body.memo.Store(&memo)
	}
}

// setEnding refuses a session from now on, or with NoReason takes that back.
// It reports whether there was anything to refuse.
func (x *index) setEnding(k *Key, now int64, why Reason) bool {
	s, r := x.shard(k), k.ref()
	s.mu.Lock()
	defer s.mu.Unlock()
	if why == NoReason {
		delete(s.ending, r)
		return false
	}
	e := s.live.find(&r)
	if e == nil || e.over(now) {
		return false
	}
	s.ending[r] = why
	return true
}

// insert publishes a session under a key that is unused.
func (x *index) insert(r *record) {
	s := x.shard(&r.key)
	s.mu.Lock()
	s.live.insert(newSlot(r))
	s.mu.Unlock()
	x.count.Add(1)
	x.bytes.Add(int64(len(r.value)))
}

// used moves a session's last use on to an instant that was read elsewhere.
func (x *index) used(k *Key, at int64) {
	s, r := x.shard(k), k.ref()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.live.find(&r); e != nil && e.touch(at) {
		s.touches.note(e)
	}
}

// remove takes a session out and leaves a tombstone. The caller holds the lock.
func (x *index) remove(s *shard, e *slot, t tombstone) {
	r := e.ref
	x.count.Add(-1)
	x.bytes.Add(-int64(len(e.body.value)))
	s.touches.release(e)
	s.live.remove(e)
	delete(s.ending, r)
	s.ended.add(r, t)
}

// clear removes all of a shard's sessions.
func (x *index) clear(s *shard, t tombstone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.live.slots {
		if e := &s.live.slots[i]; e.body != nil {
			x.count.Add(-1)
			x.bytes.Add(-int64(len(e.body.value)))
			s.touches.release(e)
			s.ended.add(e.ref, t)
		}
	}
	s.live = table{}
	clear(s.ending)
}

// liveEnds appends an end for every session that is live.
func (s *shard) liveEnds(ends []end, now int64) []end {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.live.slots {
		if e := &s.live.slots[i]; e.body != nil && !e.over(now) {
			ends = append(ends, end{e.body.key, tombstone{now, Deleted}})
		}
	}
	return ends
}
