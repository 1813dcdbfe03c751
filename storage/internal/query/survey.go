package query

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/index"
	"pagesession/storage/record"
)

// A Survey is what a List has copied out of the index: a few words of each session
// that fits the query, shard by shard. A shard is locked only while its slots are
// copied. Bodies do not change, so they are read afterwards. A million sessions are
// 100 MB of slots and, for some orders, as many bytes of bodies (BenchmarkList).
type Survey struct {
	q      *record.Query
	prefix prefix
	now    int64
	live   [index.Shards]columns[liveRow]
	ended  [index.Shards]columns[endedRow]
	warm   [index.Shards]byte // keeps the compiler from removing reads, see keep
}

// columns has two entries for each session, at the same index.
type columns[R shown] struct {
	order []uint64 // places, see placeOf
	rows  []R
}

func (c *columns[R]) clear() { c.order, c.rows = c.order[:0], c.rows[:0] }

func (c *columns[R]) add(place uint64, row R) {
	c.order, c.rows = append(c.order, place), append(c.rows, row)
}

type liveRow struct {
	handle record.Handle
	body   *index.Body
	entry.Life
}

type endedRow struct {
	handle record.Handle
	body   *index.Body // nil: it is swept
	entry.Tombstone
}

const cacheLine = 64

// surveyors is how many processors one List may use.
const surveyors = 2

// Take surveys the index. It yields the processor after each shard, so that requests
// go first.
func (v *Survey) Take(x *index.Index, q *record.Query, now int64) {
	v.q, v.prefix, v.now = q, parsePrefix(q.Prefix), now
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(surveyors, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			for i := next.Add(1) - 1; i < index.Shards; i = next.Add(1) - 1 {
				v.shard(int(i), x)
				runtime.Gosched()
			}
		})
	}
	all.Wait()
}

func (v *Survey) shard(i int, x *index.Index) {
	live, ended := &v.live[i], &v.ended[i]
	live.clear()
	ended.clear()
	if !v.prefix.begins(i) {
		return
	}
	if v.q.States != record.EndedOnly { // allocate room for an even share before the lock is taken
		n := int(x.Count.Load()) / index.Shards * 17 / 16
		live.order, live.rows = slices.Grow(live.order, n), slices.Grow(live.rows, n)
	}
	x.Read(i, func(s *index.Shard) { v.copySlots(s, live, ended) })
	if v.q.Match != nil {
		v.keep(i)
	}
	v.place(live)
}

// copySlots copies the shard's slots, and its tombstones if the query asks for them.
// The shard is locked.
func (v *Survey) copySlots(s *index.Shard, live *columns[liveRow], ended *columns[endedRow]) {
	slots := s.Slots()
	for i := range slots {
		e := &slots[i]
		if e.Body == nil || !v.prefix.fits(&e.Handle) {
			continue
		}
		if t, gone := s.Fate(e, v.now); gone {
			v.addEnded(ended, endedRow{e.Handle, e.Body, t})
		} else if v.wantsLive(e) {
			live.add(v.placeOfSlot(e), liveRow{e.Handle, e.Body, e.Life})
		}
	}
	if v.q.States != record.LiveOnly {
		s.EachEnded(func(h record.Handle, t entry.Tombstone) { v.addEnded(ended, endedRow{h, nil, t}) })
	}
}

func (v *Survey) addEnded(ended *columns[endedRow], r endedRow) {
	if v.wantsEnded(r.Reason) && v.prefix.fits(&r.handle) {
		ended.add(v.placeOfEnded(&r), r)
	}
}

// keep drops the sessions of a shard whose value does not match. Reading a value
// means two reads from memory outside all caches, the body and then the value. keep
// does the reads of a block together, so that they wait for memory at the same time:
// that takes half the time.
func (v *Survey) keep(shard int) {
	c := &v.live[shard]
	var values [64]string
	kept := 0
	for start := 0; start < len(c.rows); start += len(values) {
		block := c.rows[start:min(start+len(values), len(c.rows))]
		for i := range block {
			values[i] = block[i].body.Value
		}
		for i := range block {
			for at := 0; at < len(values[i]); at += cacheLine {
				v.warm[shard] += values[i][at]
			}
		}
		for i := range block {
			if v.q.Match(values[i]) {
				c.rows[kept], c.order[kept] = block[i], c.order[start+i]
				kept++
			}
		}
	}
	c.rows, c.order = c.rows[:kept], c.order[:kept]
}
