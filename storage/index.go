package storage

import (
	"sync"
	"sync/atomic"
)

// shardCount spreads the locks. It is far above the number of processors, so
// that two requests rarely meet, and makes the sweeper's steps short: at a
// million sessions it holds one lock for 4,000 records, about 0.3 ms.
const shardCount = 256

// An index holds every session in memory. Refresh and Peek take one shard's
// lock for a map lookup and a few words; nothing under it waits for anything.
type index struct {
	shards [shardCount]shard
	count  atomic.Int64 // records, expired ones that are not yet swept included
	bytes  atomic.Int64 // of their values
}

type shard struct {
	mu        sync.Mutex // protects everything below
	live      map[Key]*record
	ended     endedSet
	dirty     []*record // touched since the last flush
	refreshes uint64
	_         [32]byte // neighbours do not share a cache line
}

func newIndex(maxEnded int, now int64) *index {
	x := new(index)
	for i := range x.shards {
		x.shards[i].live = make(map[Key]*record)
		x.shards[i].ended.limit = max(1, maxEnded/2/shardCount)
		x.shards[i].ended.turned = now
	}
	return x
}

func (x *index) shard(k Key) *shard { return &x.shards[k[0]] }

// find returns the record of a key if it can be used at that instant. The
// caller holds the lock.
func (s *shard) find(k Key, now int64) *record {
	r := s.live[k]
	if r == nil || r.ending != NoReason || r.over(now) {
		return nil
	}
	return r
}

// gone describes a key that find did not find. The caller holds the lock.
func (s *shard) gone(k Key, now int64) Record {
	if r := s.live[k]; r != nil {
		if r.over(now) {
			return Record{Status: Ended, Reason: r.why()}
		}
		return Record{Status: Ended, Reason: r.ending}
	}
	if t, ok := s.ended.get(k); ok {
		return Record{Status: Ended, Reason: t.reason}
	}
	return Record{}
}

func (x *index) peek(k Key, now int64) Record {
	s := x.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.find(k, now); r != nil {
		return r.at(now)
	}
	return s.gone(k, now)
}

func (x *index) refresh(k Key, now int64) Record {
	s := x.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find(k, now)
	if r == nil {
		return s.gone(k, now)
	}
	s.refreshes++
	if r.touch(now) {
		s.mark(r)
	}
	return r.at(now)
}

// mark puts a record on the list of the next flush, once. The caller holds
// the lock.
func (s *shard) mark(r *record) {
	if r.dirty || r.gone {
		return
	}
	r.dirty = true
	s.dirty = append(s.dirty, r)
}

func (x *index) memoize(k Key, version uint64, memo any) {
	s := x.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.live[k]; r != nil && r.seq == version {
		r.memo = memo
	}
}

// setEnding refuses a session from now on, or with NoReason takes that back.
// It reports whether there was anything to refuse.
func (x *index) setEnding(k Key, now int64, why Reason) bool {
	s := x.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.live[k]
	if r == nil || r.over(now) {
		return false
	}
	r.ending = why
	return true
}

// insert publishes a record under a key that is unused.
func (x *index) insert(r *record) {
	s := x.shard(r.key)
	s.mu.Lock()
	s.live[r.key] = r
	s.mu.Unlock()
	x.count.Add(1)
	x.bytes.Add(int64(len(r.value)))
}

// remove takes a record out and leaves a tombstone. The caller holds the lock.
func (x *index) remove(s *shard, r *record, t tombstone) {
	delete(s.live, r.key)
	s.ended.add(r.key, t)
	r.gone = true
	x.count.Add(-1)
	x.bytes.Add(-int64(len(r.value)))
}

// clear removes all of a shard's records.
func (x *index) clear(s *shard, g *garbage, t tombstone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.live {
		g.release(r)
		x.remove(s, r, t)
	}
}

// liveEnds appends an end for every record that is live.
func (s *shard) liveEnds(ends []end, now int64) []end {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.live {
		if !r.over(now) {
			ends = append(ends, end{r.key, tombstone{now, Deleted}})
		}
	}
	return ends
}
