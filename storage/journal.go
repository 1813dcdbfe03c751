package storage

import (
	"sync"
	"sync/atomic"
)

// The journal of touches. A refresh changes memory only; the next flush writes
// the touches of all sessions that were refreshed since the last one, packed
// into a few values behind the ones before it.
//
// A session's older touch is worthless from then on. Each flush counts the
// sessions whose last touch it holds; at zero its values are deleted. A flush
// that is mostly worthless is emptied by touching its last few sessions again
// (see sweeper), so the journal stays within sparse times what is live,
// whatever mixture of short and long lifetimes there is.
//
// Slots name the flush that has their last touch by number. The counts are the
// writer's own: shards only list whom they left (see pending).
type journal struct {
	flushes map[uint32]*flushed
	current uint32 // the number that is being collected
	thin    atomic.Pointer[map[uint32]bool]

	// Of the flush under way, and of those before it that failed.
	touches []touch
	left    []uint32
	empty   []uint64 // values that nobody needs
	failed  []uint32
}

// flushed is one flush in the file, with what failed flushes left to it.
type flushed struct {
	numbers     []uint32
	values      []uint64 // sequence numbers
	total, live int
}

const (
	// maxTouches lets several values share a page: bbolt rewrites a leaf to
	// add to it or delete from it. Bytes of pages a touch, at 1,000,000
	// sessions (BenchmarkFlush): 128 a value 6.6, 512 11.3, 16,384 21.1.
	maxTouches = 128
	// sparse is the share of a flush, one in sparse, below which its
	// touches are carried forward. Each carried touch pays for at least
	// three that went by themselves.
	sparse = 4
)

func newJournal() *journal {
	return &journal{flushes: make(map[uint32]*flushed), current: firstFlush}
}

// collect takes what all shards have and returns the number of the flush that
// is to hold it. Every session it touches names that number already.
func (j *journal) collect(x *index) (flush uint32) {
	flush = j.current
	j.current++
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.Lock()
		j.touches, j.left = s.touches.take(j.touches, j.left, j.current)
		s.mu.Unlock()
	}
	return flush
}

// settle counts: the flush's own touches, then those that were left. It fills
// empty with the values of flushes that nobody needs any more.
func (j *journal) settle(flush uint32, values []uint64) {
	if len(values) > 0 {
		f := &flushed{numbers: append(j.failed, flush), values: values, total: len(j.touches), live: len(j.touches)}
		for _, no := range f.numbers {
			j.flushes[no] = f
		}
	}
	for _, no := range j.left {
		f := j.flushes[no]
		if f == nil {
			continue
		}
		if f.live--; f.live == 0 {
			j.drop(f)
		}
	}
	j.left = j.left[:0]
}

func (j *journal) drop(f *flushed) {
	j.empty = append(j.empty, f.values...)
	for _, no := range f.numbers {
		delete(j.flushes, no)
	}
}

// undo keeps the touches of a flush that failed for the next one. Their
// sessions go on naming the failed flush, so its number will mean that one.
func (j *journal) undo(flush uint32) {
	j.failed = append(j.failed, flush)
	for _, no := range j.failed {
		delete(j.flushes, no)
	}
}

// done forgets what the file has now, and tells the sweeper which flushes are
// worth emptying.
func (j *journal) done() {
	j.touches, j.empty, j.failed = j.touches[:0], j.empty[:0], nil
	thin := make(map[uint32]bool)
	for no, f := range j.flushes {
		if f.live*sparse <= f.total {
			thin[no] = true
		}
	}
	j.thin.Store(&thin)
}

// isThin reports whether a flush should be left by its last sessions. The
// sweeper calls it.
func (j *journal) isThin(flush uint32) bool {
	thin := j.thin.Load()
	return flush != 0 && thin != nil && (*thin)[flush]
}

// garbage is what the file holds and memory does not need, and the ends that
// memory knows and the file does not: work for the next flush.
type garbage struct {
	mu      sync.Mutex // protects everything below
	records []uint64   // sequence numbers
	ends    []end
	maxEnds int
}

// take returns at most n of each and forgets them.
func (g *garbage) take(n int) (records []uint64, ends []end) {
	g.mu.Lock()
	defer g.mu.Unlock()
	records, g.records = split(g.records, n)
	ends, g.ends = split(g.ends, n)
	return records, ends
}

func split[T any](list []T, n int) (head, tail []T) {
	if len(list) <= n {
		return list, nil
	}
	return list[:n:n], list[n:]
}

// add puts work on the list; also work that could not be done.
func (g *garbage) add(records []uint64, ends []end) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.records = append(g.records, records...)
	g.ends = append(g.ends, ends...)
	if over := len(g.ends) - g.maxEnds; over > 0 {
		g.ends = g.ends[over:]
	}
}
