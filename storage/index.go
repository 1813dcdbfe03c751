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
//
// The clock is read under the lock: whoever decides later has a later time. A
// request that read it before, and was held up, could refresh a session that
// another one has seen expired.
type index struct {
	shards [shardCount]shard
	count  atomic.Int64 // sessions, expired ones that are not yet swept included
	bytes  atomic.Int64 // of their values
}

type shard struct {
	mu        sync.Mutex // protects everything below
	live      table
	ending    map[ref]ending // ends being made durable: refused already
	ended     endedSet
	touches   pending
	refreshes uint64
}

func newIndex(maxEnded int, now int64) *index {
	x := new(index)
	for i := range x.shards {
		s := &x.shards[i]
		s.ending = make(map[ref]ending)
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
	case len(s.ending) > 0 && s.ending[*r].calls > 0:
		return nil, Record{Status: Ended, Reason: s.ending[*r].reason}
	default:
		return e, Record{}
	}
}

func (x *index) peek(k *Key, line *timeline) Record {
	s, r := x.shard(k), k.ref()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := line.now()
	e, gone := s.find(&r, now)
	if e == nil {
		return gone
	}
	return e.at(now)
}

func (x *index) refresh(k *Key, line *timeline) Record {
	s, r := x.shard(k), k.ref()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := line.now()
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

// An ending is what calls of End want to be made durable.
type ending struct {
	reason Reason // the first call's
	calls  int
}

// refuse makes a session ended for everybody from now on, until it is removed
// or allow takes that back. It reports whether there was anything to refuse.
func (x *index) refuse(k *Key, line *timeline, why Reason) bool {
	s, r := x.shard(k), k.ref()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.live.find(&r)
	if e == nil || e.over(line.now()) {
		return false
	}
	was := s.ending[r]
	if was.calls == 0 {
		was.reason = why
	}
	was.calls++
	s.ending[r] = was
	return true
}

// isEnding reports whether a session is being ended.
func (x *index) isEnding(k *Key) bool {
	s, r := x.shard(k), k.ref()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ending[r].calls > 0
}

// allow takes one refuse back: its end could not be made durable.
func (x *index) allow(k *Key) {
	s, r := x.shard(k), k.ref()
	s.mu.Lock()
	defer s.mu.Unlock()
	was, ok := s.ending[r]
	if was.calls--; ok && was.calls > 0 {
		s.ending[r] = was
	} else {
		delete(s.ending, r)
	}
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
func (x *index) remove(s *shard, e *slot, t tombstone, now int64) {
	r := e.ref
	x.count.Add(-1)
	x.bytes.Add(-int64(len(e.body.value)))
	s.touches.release(e)
	s.live.remove(e)
	delete(s.ending, r)
	s.ended.add(r, t, now)
}

// clear removes all of a shard's sessions.
func (x *index) clear(s *shard, now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.live.slots {
		if e := &s.live.slots[i]; e.body != nil {
			x.count.Add(-1)
			x.bytes.Add(-int64(len(e.body.value)))
			s.touches.release(e)
			s.ended.add(e.ref, e.tombstone(now, Deleted), now)
		}
	}
	s.live = table{}
	clear(s.ending)
}

// ends appends an end for every session, live or expired.
func (s *shard) ends(list []end, now int64) []end {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.live.slots {
		if e := &s.live.slots[i]; e.body != nil {
			list = append(list, end{e.body.key, e.tombstone(now, Deleted)})
		}
	}
	return list
}
