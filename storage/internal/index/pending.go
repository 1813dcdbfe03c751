package index

import "pagesession/storage/internal/entry"

// pending are a shard's touches since the last flush, in the form in which they go
// to the file: a flush reads no session. The shard's lock protects it.
type pending struct {
	touches []entry.Touch
	flush   uint32   // number of the flush that will write them
	left    []uint32 // flushes whose touch of some session is worthless now
}

// FirstFlush is the first flush's number; 0 is none.
const FirstFlush = 1

// note remembers a session's last use for the next flush. A second use before
// that flush changes the first one's entry.
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

// release gives up a session's place in the journal: it ends, or is written
// anew.
func (p *pending) release(e *Slot) {
	if e.flush != 0 {
		p.left = append(p.left, e.flush)
	}
	e.flush = 0
}

// take moves everything to the end of the lists; what comes from now on belongs
// to the flush with number next.
func (p *pending) take(touches []entry.Touch, left []uint32, next uint32) ([]entry.Touch, []uint32) {
	touches, left = append(touches, p.touches...), append(left, p.left...)
	p.touches, p.left, p.flush = p.touches[:0], p.left[:0], next
	return touches, left
}
