package storage

import (
	"sync/atomic"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/index"
)

// A journal knows the touches in the file. Each flush writes the touches since the
// last one, packed into a few values behind the older ones, and counts the sessions
// whose last touch it holds; at zero its values are deleted. The sweeper empties a
// flush that is mostly worthless by touching its last few sessions again, so the
// journal stays within sparse times what is live.
//
// Slots name the flush that has their last touch by number. Only the writer counts:
// shards list the flushes that sessions have left (see pending).
type journal struct {
	flushes map[uint32]*flushed
	current uint32 // the number that shards collect for
	thin    atomic.Pointer[map[uint32]bool]
	thinner bool // thin is out of date

	// Of the flush under way. It is held until a commit has succeeded;
	// nothing else is collected meanwhile.
	held    bool
	counted bool
	number  uint32
	touches []entry.Touch
	left    []uint32
	empty   []uint64 // worthless values
}

// flushed is one flush in the file.
type flushed struct {
	values      []uint64 // sequence numbers
	total, live int
}

// sparse is the share of a flush, one in sparse, below which its touches are
// carried forward. Each carried touch pays for at least three that went by
// themselves.
const sparse = 4

func newJournal() *journal {
	return &journal{flushes: make(map[uint32]*flushed), current: index.FirstFlush}
}

func (f *flushed) thin() bool { return f.live*sparse <= f.total }

// collect takes what all shards have. Every session in it names the flush's
// number already; from now on they name the next one's.
func (j *journal) collect(x *index.Index) {
	j.held, j.number = true, j.current
	j.current++
	j.touches, j.left = x.Collect(j.touches, j.left, j.current)
}

// settle counts the flush's own touches and those that were left, once even if the
// flush is written again. It fills empty with the values that are worthless now.
func (j *journal) settle(values []uint64) {
	f := j.flushes[j.number]
	switch {
	case !j.counted && len(values) > 0:
		j.flushes[j.number] = &flushed{values: values, total: len(j.touches), live: len(j.touches)}
	case f != nil:
		f.values = values // the attempt before left none in the file
	default:
		j.empty = append(j.empty, values...) // all its sessions have left
	}
	j.counted = true
	for _, no := range j.left {
		j.leave(no)
	}
	j.left = j.left[:0]
}

func (j *journal) leave(no uint32) {
	f := j.flushes[no]
	if f == nil {
		return
	}
	was := f.thin()
	f.live--
	j.thinner = j.thinner || was != f.thin()
	if f.live == 0 {
		j.empty = append(j.empty, f.values...)
		delete(j.flushes, no)
		j.thinner = true
	}
}

// done forgets what the file has now and, if emptied, the values it has no more.
// It publishes for the sweeper which flushes are worth emptying.
func (j *journal) done(emptied bool) {
	j.held, j.counted = false, false
	j.touches = j.touches[:0]
	if emptied {
		j.empty = j.empty[:0]
	}
	if !j.thinner {
		return
	}
	thin := make(map[uint32]bool)
	for no, f := range j.flushes {
		if f.thin() {
			thin[no] = true
		}
	}
	j.thin.Store(&thin)
	j.thinner = false
}

// isThin reports whether the sweeper should empty a flush.
func (j *journal) isThin(flush uint32) bool {
	thin := j.thin.Load()
	return flush != 0 && thin != nil && (*thin)[flush]
}
