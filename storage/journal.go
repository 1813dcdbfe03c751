package storage

import (
	"sync"
	"sync/atomic"
)

// The journal of touches. A refresh changes memory only; the next flush writes
// the touches of all records that were refreshed since the last one as one
// packed value (or a few, of maxTouches each) behind the ones before it.
//
// A record's older touch is worthless from then on. Each value counts the
// records whose last touch it holds; at zero it is deleted. A value that is
// mostly worthless is emptied by writing its last few touches again (see
// sweeper), so the journal stays within sparse times what is live, whatever
// mixture of short and long lifetimes there is.
type flush struct {
	no    uint64
	total int32
	live  atomic.Int32
}

const (
	// maxTouches keeps one value under 128 KiB: bbolt wants the pages of a
	// value side by side, and long runs of free pages are rare.
	maxTouches = 16_384
	// sparse is the share of a value, one in sparse, below which its
	// touches are carried forward. Each carried touch pays for at least
	// three that went by themselves.
	sparse = 4
)

func (f *flush) sparse() bool { return f.live.Load()*sparse <= f.total }

// garbage is what the file holds and memory does not need, and the ends that
// memory knows and the file does not: work for the next flush.
type garbage struct {
	mu      sync.Mutex // protects everything below
	records []uint64   // sequence numbers
	flushes []uint64
	ends    []end
	maxEnds int
}

// take returns at most n of each and forgets them.
func (g *garbage) take(n int) (records, flushes []uint64, ends []end) {
	g.mu.Lock()
	defer g.mu.Unlock()
	records, g.records = split(g.records, n)
	flushes, g.flushes = split(g.flushes, n)
	ends, g.ends = split(g.ends, n)
	return records, flushes, ends
}

func split[T any](list []T, n int) (head, tail []T) {
	if len(list) <= n {
		return list, nil
	}
	return list[:n:n], list[n:]
}

// add puts work on the list; also work that could not be done.
func (g *garbage) add(records, flushes []uint64, ends []end) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.records = append(g.records, records...)
	g.flushes = append(g.flushes, flushes...)
	g.ends = append(g.ends, ends...)
	if over := len(g.ends) - g.maxEnds; over > 0 {
		g.ends = g.ends[over:]
	}
}

func (g *garbage) empty() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.records)+len(g.flushes)+len(g.ends) == 0
}

// release gives up the record's place in the journal. The caller holds the
// lock of its shard.
func (g *garbage) release(r *record) {
	f := r.flush
	r.flush = nil
	if f != nil && f.live.Add(-1) == 0 {
		g.add(nil, []uint64{f.no}, nil)
	}
}

// A collection is what one flush writes.
type collection struct {
	touches []touch
	records []*record
	flushes []*flush // one for every maxTouches
}

func (c *collection) reset() {
	clear(c.records)
	c.touches, c.records, c.flushes = c.touches[:0], c.records[:0], c.flushes[:0]
}

// collect moves all dirty records into c and gives them their place in the
// journal; next numbers the values. If the flush fails, x.restore undoes it.
func (x *index) collect(c *collection, g *garbage, next func() uint64) {
	c.reset()
	var f *flush
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.Lock()
		for _, r := range s.dirty {
			r.dirty = false
			if r.gone {
				continue
			}
			if f == nil || f.total == maxTouches {
				f = &flush{no: next()}
				c.flushes = append(c.flushes, f)
			}
			g.release(r)
			r.flush = f
			f.total++
			f.live.Add(1)
			c.records = append(c.records, r)
			c.touches = append(c.touches, touch{r.seq, r.used})
		}
		clear(s.dirty)
		s.dirty = s.dirty[:0]
		s.mu.Unlock()
	}
}

// restore marks the records of a failed flush as dirty again.
func (x *index) restore(c *collection) {
	for _, r := range c.records {
		s := x.shard(r.key)
		s.mu.Lock()
		s.mark(r)
		s.mu.Unlock()
	}
}
