package index

import (
	"math"

	"pagesession/storage/internal/entry"
)

// pending holds a shard's touches since the last flush, in the form in which they go
// to the file, so that a flush reads no session. The shard's lock protects it.
type pending struct {
	touches []entry.Touch
	flush   uint32   // number of the flush that will write them
	left    []uint32 // flushes whose touch of a session was replaced, once for each session
}

// FirstFlush is the number of the first flush. 0 stands for none.
const FirstFlush = 1

// NoFlush stands for a session without a touch in the file, OldFlush for one whose
// touches are those of a file that is used as it was found.
const (
	NoFlush  = 0
	OldFlush = math.MaxUint32
)

// note adds a session's last use to the next flush. A second use before that flush
// updates the first one's touch.
func (p *pending) note(e *Slot) {
	if e.flush == p.flush {
		p.touches[e.pending].Used = e.Used
		return
	}
	if e.flush != 0 {
		p.left = append(p.left, e.flush)
	}
	e.flush, e.pending = p.flush, uint32(len(p.touches))
	p.touches = append(p.touches, entry.Touch{Seq: e.seq, Used: e.Used})
}

// release removes a session from the flush that has its last touch, because the
// session ends or gets a new number.
func (p *pending) release(e *Slot) {
	if e.flush != 0 {
		p.left = append(p.left, e.flush)
	}
	e.flush = 0
}

// take appends everything to the lists and empties pending. Touches from now on
// belong to the flush next.
func (p *pending) take(touches []entry.Touch, left []uint32, next uint32) ([]entry.Touch, []uint32) {
	touches, left = append(touches, p.touches...), append(left, p.left...)
	p.touches, p.left, p.flush = p.touches[:0], p.left[:0], next
	return touches, left
}
