package index

import (
	"sync"
	"sync/atomic"

	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// Shards is how many parts an Index has. They spread the locks. It is far above the number of processors, so
// that two requests rarely meet, and makes the sweeper's steps short: at a
// million sessions it holds one lock for 4,000 sessions, about 0.1 ms.
const Shards = 256

// An Index holds every session in memory. Refresh and Peek take one shard's
// lock to look at one cache line. Nothing under it waits for anything but memory:
// the sweeper, now and then, takes the lock of its list as well.
//
// The clock is read under the lock: whoever decides later has a later time. A
// request that read it before, and was held up, could refresh a session that
// another one has seen expired.
type Index struct {
	shards [Shards]Shard
	Count  atomic.Int64 // sessions, expired ones that are not yet swept included
	Bytes  atomic.Int64 // of their values
}

type Shard struct {
	mu        sync.Mutex // protects everything below
	live      table
	ending    map[record.Handle]ending // ends being made durable: refused already
	endingAll ending                   // the same for every session of the shard
	ended     tombstones
	touches   pending
	refreshes uint64
	ends      [record.Reasons]uint64 // by reason
}

func New(maxEnded int, now int64) *Index {
	x := new(Index)
	for i := range x.shards {
		s := &x.shards[i]
		s.ending = make(map[record.Handle]ending)
		s.ended.limit = max(1, maxEnded/2/Shards)
		s.ended.turned = now
		s.touches.flush = FirstFlush
	}
	return x
}

func (x *Index) shard(k *record.Key) *Shard { return &x.shards[k[0]] }

// find returns the session if it can be used at that instant, else nil and
// what became of it. The caller holds the lock.
func (s *Shard) find(h *record.Handle, now int64) (*Slot, record.Record) {
	e := s.live.find(h)
	switch {
	case e == nil:
		if t, ok := s.ended.Get(*h); ok {
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
func (s *Shard) isEnding(h *record.Handle) (record.Reason, bool) {
	if s.endingAll.calls > 0 {
		return s.endingAll.reason, true
	}
	if len(s.ending) == 0 {
		return record.NoReason, false
	}
	e := s.ending[*h]
	return e.reason, e.calls > 0
}

func (x *Index) Peek(k *record.Key, line *clock.Timeline) record.Record {
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

func (x *Index) Refresh(k *record.Key, line *clock.Timeline) record.Record {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := line.Now()
	e, gone := s.find(&h, now)
	if e == nil {
		return gone
	}
	s.refreshes++
	e.Body.Refreshes.Add(1)
	if e.Touch(now) {
		s.touches.note(e)
	}
	return e.at(now)
}

func (x *Index) Memoize(k *record.Key, version uint64, memo any) {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.live.find(&h); e != nil && e.seq == version {
		e.Body.memo.Store(&memo)
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

// Refuse makes a session ended for everybody from now on, until it is removed
// or allow takes that back. It reports whether there was anything to refuse.
func (x *Index) Refuse(k *record.Key, line *clock.Timeline, why record.Reason) bool {
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

// RefuseAll is refuse for every session that is there when its end is made
// durable.
func (x *Index) RefuseAll(why record.Reason) {
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.Lock()
		s.endingAll.begin(why)
		s.mu.Unlock()
	}
}

// AllowAll takes one refuseAll back.
func (x *Index) AllowAll() {
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.Lock()
		s.endingAll.calls--
		s.mu.Unlock()
	}
}

// IsEnding reports whether a session is being ended.
func (x *Index) IsEnding(k *record.Key) bool {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ending := s.isEnding(&h)
	return ending
}

// Allow takes one refuse back: its end could not be made durable.
func (x *Index) Allow(k *record.Key) {
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

// Insert publishes a session under a key that is unused.
func (x *Index) Insert(r *entry.Entry) {
	s := x.shard(&r.Key)
	s.mu.Lock()
	s.live.insert(newSlot(r))
	s.mu.Unlock()
	x.Count.Add(1)
	x.Bytes.Add(int64(len(r.Value)))
}

// carry gives a session what was its own under another key: its last use and
// its refreshes.
func (x *Index) carry(k *record.Key, used int64, refreshes uint32) {
	s, h := x.shard(k), k.Handle()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.live.find(&h)
	if e == nil {
		return
	}
	e.Body.Refreshes.Add(refreshes)
	if e.Touch(used) {
		s.touches.note(e)
	}
}

// remove takes a session out and leaves a tombstone. The caller holds the lock.
func (x *Index) remove(s *Shard, e *Slot, t entry.Tombstone, now int64) {
	h := e.Handle
	x.Count.Add(-1)
	x.Bytes.Add(-int64(len(e.Body.Value)))
	s.touches.release(e)
	s.live.remove(e)
	delete(s.ending, h)
	s.remember(h, t, now)
}

// remember notes and counts an end. The caller holds the lock.
func (s *Shard) remember(h record.Handle, t entry.Tombstone, now int64) {
	s.ended.add(h, t, now)
	s.ends[t.Reason]++
}

// clear removes all of a shard's sessions, takes one refuseAll back and returns
// how many sessions were live.
func (x *Index) clear(s *Shard, now int64, why record.Reason) (ended int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.live.slots {
		e := &s.live.slots[i]
		if e.Body == nil {
			continue
		}
		if !e.Expired(now) {
			ended++
		}
		x.Count.Add(-1)
		x.Bytes.Add(-int64(len(e.Body.Value)))
		s.touches.release(e)
		s.remember(e.Handle, e.tombstone(now, why), now)
	}
	s.live = table{}
	clear(s.ending)
	s.endingAll.calls--
	return ended
}

// endsOfAll appends an end for every session, live or expired.
func (s *Shard) endsOfAll(list []entry.End, now int64, why record.Reason) []entry.End {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.live.slots {
		if e := &s.live.slots[i]; e.Body != nil {
			list = append(list, entry.End{Key: e.Body.Key, Tombstone: e.tombstone(now, why)})
		}
	}
	return list
}

// Snapshot appends the live sessions of a shard.
func (x *Index) Snapshot(i int, keys []record.Key, records []record.Record, now int64) ([]record.Key, []record.Record) {
	s := &x.shards[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.live.slots {
		e := &s.live.slots[i]
		if e.Body == nil || e.Expired(now) {
			continue
		}
		if _, ending := s.isEnding(&e.Handle); !ending {
			keys, records = append(keys, e.Body.Key), append(records, e.at(now))
		}
	}
	return keys, records
}
