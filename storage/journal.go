package storage

import (
	"sync/atomic"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/index"
)

// A journal keeps track of the touches in the file, so that they can be deleted.
//
// Each flush writes the touches since the last one, packed into a few values behind
// the older ones. The journal counts for how many sessions a flush still holds the
// last touch; at zero its values are empty and the next flush deletes them. When few
// are left, the sweeper touches those sessions again, so that the newest flush
// carries them. This bounds the touches in the file to sparse times the live
// sessions.
//
// A slot names the flush of its last touch by number. The shards list the flushes
// that sessions have left (see pending); only the writer counts them.
type journal struct {
	flushes map[uint32]*flushed
	current uint32                          // number of the flush that shards collect touches for
	thin    atomic.Pointer[map[uint32]bool] // for the sweeper: flushes with few sessions left; nil: none
	thinner bool                            // thin has to be made again

	// Of the flush under way. It is held until a commit has succeeded; until then no
	// other touches are collected.
	held    bool
	counted bool
	number  uint32
	touches []entry.Touch
	left    []uint32
	empty   []uint64 // values whose touches are all replaced
}

// flushed is a flush that is in the file.
type flushed struct {
	values      []uint64 // sequence numbers
	total, live int
}

// sparse is when the last touches of a flush are carried forward: when at most one
// in sparse of them is still a session's last. So for each touch that is written
// again, at least three have been replaced by themselves.
const sparse = 4

func newJournal() *journal {
	return &journal{flushes: make(map[uint32]*flushed), current: index.FirstFlush}
}

// adopt takes over the values of touches of a file that is used as it was found, as
// one flush that has the last touches of so many sessions.
func (j *journal) adopt(values []uint64, sessions int) {
	if sessions == 0 {
		j.empty = append(j.empty, values...)
		return
	}
	j.flushes[index.OldFlush] = &flushed{values: values, total: sessions, live: sessions}
}

func (f *flushed) thin() bool { return f.live*sparse <= f.total }

// collect takes the touches of all shards. The sessions in them name this flush's
// number already; touches from now on belong to the next flush.
func (j *journal) collect(x *index.Index) {
	j.held, j.number = true, j.current
	j.current++
	j.touches, j.left = x.Collect(j.touches, j.left, j.current)
}

// settle counts the flush's own touches and those that were left. It counts once,
// also if the flush has to be written again. Values that are now empty join empty.
func (j *journal) settle(values []uint64) {
	f := j.flushes[j.number]
	switch {
	case !j.counted && len(values) > 0:
		j.flushes[j.number] = &flushed{values: values, total: len(j.touches), live: len(j.touches)}
	case f != nil:
		f.values = values // those of the failed attempt are not in the file
	default:
		j.empty = append(j.empty, values...) // all its sessions have left already
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

// done clears what the file now has, and the first of the empty values, which are now
// deleted. It publishes to the sweeper which flushes are thin.
func (j *journal) done(emptied int) {
	j.held, j.counted = false, false
	j.touches = j.touches[:0]
	_, j.empty = split(j.empty, emptied)
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

// thinFlushes returns the flushes whose touches the sweeper should carry forward.
func (j *journal) thinFlushes() map[uint32]bool {
	if thin := j.thin.Load(); thin != nil {
		return *thin
	}
	return nil
}
