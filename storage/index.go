package storage

import (
	"sync"
	"sync/atomic"

	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
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
	ending    map[record.Handle]ending // ends being made durable: refused already
	endingAll ending                   // the same for every session of the shard
	ended     endedSet
	touches   pending
	refreshes uint64
	ends      [record.Reasons]uint64 // by reason
}

func newIndex(maxEnded int, now int64) *index {
	x := new(index)
	for i := range x.shards {
		s := &x.shards[i]
		s.ending = make(map[record.Handle]ending)
		s.ended.limit = max(1, maxEnded/2/shardCount)
		s.ended.turned = now
		s.touches.flush = firstFlush
	}
	return x
}

func (x *index) shard(k *record.Key) *shard { return &x.shards[k[0]] }

// find returns the session if it can be used at that instant, else nil and
// what became of it. The caller holds the lock.
func (s *shard) find(h *record.Handle, now int64) (*slot, record.Record) {
	e := s.live.find(h)
	switch {
	case e == nil:
		if t, ok := s.ended.get(*h); ok {
			return nil, record.Record{State: record.Ended, Reason: t.Reason}
		}
		return nil, record.Record{}
	case e.Expired(now):
		return nil, record.Record{State: record.Ended, Reason: e.Why()}
	default:
		if why, ending := s.isEnding(h); ending {
			return nil, record.Record{State: record.Ended, Reason: why}
		}
		return e, record.Record{}
	}
}

// isEnding reports whether a session is being ended, and why. The caller holds
// the lock.
func (s *shard) isEnding(h *record.Handle) (record.Reason, bool) {
	if s.endingAll.calls > 0 {
		return s.endingAll.reason, true
	}
	if len(s.ending) == 0 {
		return record.NoReason, false
	}
	e := s.ending[*h]
	return e.reason, e.calls > 0
}

func (x *index) peek(k *record.Key, line *clock.Timeline) record.Record {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := line.Now()
	e, gone := s.find(&h, now)
	if e == nil {
		return gone
	}
	return e.at(now)
}

func (x *index) refresh(k *record.Key, line *clock.Timeline) record.Record {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := line.Now()
	e, gone := s.find(&h, now)
	if e == nil {
		return gone
	}
	s.refreshes++
	e.body.refreshes.Add(1)
	if e.Touch(now) {
		s.touches.note(e)
	}
	return e.at(now)
}

func (x *index) memoize(k *record.Key, version uint64, memo any) {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.live.find(&h); e != nil && e.seq == version {
		e.body.memo.Store(&memo)
	}
}

// An ending is what calls of End want to be made durable.
type ending struct {
	reason record.Reason // the first call's
	calls  int
}

func (e *ending) begin(why record.Reason) {
	if e.calls == 0 {
		e.reason = why
	}
	e.calls++
}

// refuse makes a session ended for everybody from now on, until it is removed
// or allow takes that back. It reports whether there was anything to refuse.
func (x *index) refuse(k *record.Key, line *clock.Timeline, why record.Reason) bool {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.live.find(&h)
	if e == nil || e.Expired(line.Now()) {
		return false
	}
	was := s.ending[h]
	was.begin(why)
	s.ending[h] = was
	return true
}

// refuseAll is refuse for every session that is there when its end is made
// durable.
func (x *index) refuseAll(why record.Reason) {
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
func (x *index) isEnding(k *record.Key) bool {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ending := s.isEnding(&h)
	return ending
}

// allow takes one refuse back: its end could not be made durable.
func (x *index) allow(k *record.Key) {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	was, ok := s.ending[h]
	if was.calls--; ok && was.calls > 0 {
		s.ending[h] = was
	} else {
		delete(s.ending, h)
	}
}

// insert publishes a session under a key that is unused.
func (x *index) insert(r *entry.Entry) {
	s := x.shard(&r.Key)
	s.mu.Lock()
	s.live.insert(newSlot(r))
	s.mu.Unlock()
	x.count.Add(1)
	x.bytes.Add(int64(len(r.Value)))
}

// carry gives a session what was its own under another key: its last use and
// its refreshes.
func (x *index) carry(k *record.Key, used int64, refreshes uint32) {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.live.find(&h)
	if e == nil {
		return
	}
	e.body.refreshes.Add(refreshes)
	if e.Touch(used) {
		s.touches.note(e)
	}
}

// remove takes a session out and leaves a tombstone. The caller holds the lock.
func (x *index) remove(s *shard, e *slot, t entry.Tombstone, now int64) {
	h := e.handle
	x.count.Add(-1)
	x.bytes.Add(-int64(len(e.body.value)))
	s.touches.release(e)
	s.live.remove(e)
	delete(s.ending, h)
	s.bury(h, t, now)
}

// bury remembers and counts an end. The caller holds the lock.
func (s *shard) bury(h record.Handle, t entry.Tombstone, now int64) {
	s.ended.add(h, t, now)
	s.ends[t.Reason]++
}

// clear removes all of a shard's sessions, takes one refuseAll back and returns
// how many sessions were live.
func (x *index) clear(s *shard, now int64, why record.Reason) (ended int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.live.slots {
		e := &s.live.slots[i]
		if e.body == nil {
			continue
		}
		if !e.Expired(now) {
			ended++
		}
		x.count.Add(-1)
		x.bytes.Add(-int64(len(e.body.value)))
		s.touches.release(e)
		s.bury(e.handle, e.tombstone(now, why), now)
	}
	s.live = table{}
	clear(s.ending)
	s.endingAll.calls--
	return ended
}

// endsOfAll appends an end for every session, live or expired.
func (s *shard) endsOfAll(list []entry.End, now int64, why record.Reason) []entry.End {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.live.slots {
		if e := &s.live.slots[i]; e.body != nil {
			list = append(list, entry.End{Key: e.body.key, Tombstone: e.tombstone(now, why)})
		}
	}
	return list
}

// snapshot appends the live sessions of a shard.
func (x *index) snapshot(i int, keys []record.Key, records []record.Record, now int64) ([]record.Key, []record.Record) {
	s := &x.shards[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.live.slots {
		e := &s.live.slots[i]
		if e.body == nil || e.Expired(now) {
			continue
		}
		if _, ending := s.isEnding(&e.handle); !ending {
			keys, records = append(keys, e.body.key), append(records, e.at(now))
		}
	}
	return keys, records
}
