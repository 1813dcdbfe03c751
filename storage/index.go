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
// lock to look at one cache line. Nothing under it waits for anything but memory:
// the sweeper, now and then, takes the lock of its list as well.
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
	endingAll ending         // the same for every session of the shard
	ended     endedSet
	touches   pending
	refreshes uint64
	ends      [reasons]uint64 // by reason
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
	default:
		if why, ending := s.isEnding(r); ending {
			return nil, Record{Status: Ended, Reason: why}
		}
		return e, Record{}
	}
}

// isEnding reports whether a session is being ended, and why. The caller holds
// the lock.
func (s *shard) isEnding(r *ref) (Reason, bool) {
	if s.endingAll.calls > 0 {
		return s.endingAll.reason, true
	}
	if len(s.ending) == 0 {
		return NoReason, false
	}
	e := s.ending[*r]
	return e.reason, e.calls > 0
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
	e.body.refreshes.Add(1)
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

func (e *ending) begin(why Reason) {
	if e.calls == 0 {
		e.reason = why
	}
	e.calls++
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
	was.begin(why)
	s.ending[r] = was
	return true
}

// refuseAll is refuse for every session that is there when its end is made
// durable.
func (x *index) refuseAll(why Reason) {
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.Lock()
		s.endingAll.begin(why)
		s.mu.Unlock()
	}
}

// allowAll takes one refuseAll back.
func (x *index) allowAll() {
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.Lock()
		s.endingAll.calls--
		s.mu.Unlock()
	}
}

// isEnding reports whether a session is being ended.
func (x *index) isEnding(k *Key) bool {
	s, r := x.shard(k), k.ref()
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ending := s.isEnding(&r)
	return ending
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

// carry gives a session what was its own under another key: its last use and
// its refreshes.
func (x *index) carry(k *Key, used int64, refreshes uint32) {
	s, r := x.shard(k), k.ref()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.live.find(&r)
	if e == nil {
		return
	}
	e.body.refreshes.Add(refreshes)
	if e.touch(used) {
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
	s.bury(r, t, now)
}

// bury remembers and counts an end. The caller holds the lock.
func (s *shard) bury(r ref, t tombstone, now int64) {
	s.ended.add(r, t, now)
	s.ends[t.reason]++
}

// clear removes all of a shard's sessions, takes one refuseAll back and returns
// how many sessions were live.
func (x *index) clear(s *shard, now int64, why Reason) (ended int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.live.slots {
		e := &s.live.slots[i]
		if e.body == nil {
			continue
		}
		if !e.over(now) {
			ended++
		}
		x.count.Add(-1)
		x.bytes.Add(-int64(len(e.body.value)))
		s.touches.release(e)
		s.bury(e.ref, e.tombstone(now, why), now)
	}
	s.live = table{}
	clear(s.ending)
	s.endingAll.calls--
	return ended
}

// endsOfAll appends an end for every session, live or expired.
func (s *shard) endsOfAll(list []end, now int64, why Reason) []end {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.live.slots {
		if e := &s.live.slots[i]; e.body != nil {
			list = append(list, end{e.body.key, e.tombstone(now, why)})
		}
	}
	return list
}
