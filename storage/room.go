package storage

import (
	"errors"
	"fmt"
	"slices"
	"time"

	berrors "go.etcd.io/bbolt/errors"

	"pagesession/internal/disk"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/planted"
)

// Room in the session file.
//
// Ends, flushes and garbage write to the file before it gets smaller, so a part of
// it, the reserve, is theirs. Changes that add something are refused while there is
// less room than that: from memory, before they queue, since a million sessions that
// ask a full disk are as heavy as a million that it serves. Room is looked for in
// every transaction, and while there is none expired sessions are swept each second.

const (
	// leastReserve is for small stores: some pages of each of the file's trees,
	// twice, and the values that share a page with what is deleted.
	leastReserve = 512 << 10
	// reserveOfEach is for a session's end (40 bytes) and its touches (4 times 5,
	// see sparse).
	reserveOfEach = 64
	// smallShare of a small file's largest size is the most that is reserved.
	smallShare = 4
	// relief is how much more than the reserve there must be before creations
	// are accepted again: fewer would flood it at once.
	relief = 64 << 10
	// roomPause is between two tries to find room: each second, in whose course
	// flushes come.
	roomPause = 900 * time.Millisecond
	// leastGarbage is the least that a flush deletes at once, see mostGarbage.
	leastGarbage = 64
	// fullFlushes bounds the flushes behind each other that empty a full file.
	fullFlushes = 10
	pageBytes   = 4096
	// endShare of a file that cannot grow is the most that ends may fill, endBytes
	// each.
	endShare, endBytes = 8, 40
)

// isFull reports whether changes that add something are refused.
func (w *writer) isFull() bool {
	st := w.status.Load()
	return st != nil && st.State == FileFull
}

func (w *writer) noRoom(cause error) error {
	return fmt.Errorf("%w: session file %q cannot grow: %w", ErrFull, w.cfg.Database, cause)
}

// isRoom tells the errors that go away when there is room again.
func isRoom(err error) bool {
	return errors.Is(err, file.ErrNoRoom) || disk.IsFull(err) || errors.Is(err, berrors.ErrMaxSizeReached)
}

// reserve is the room that changes have to leave.
func (w *writer) reserve() int64 {
	if planted.ReserveNotKept {
		return 0
	}
	return min(leastReserve+reserveOfEach*w.index.Count.Load(), w.cfg.MaxFileBytes/smallShare)
}

// costOf is what a new record adds to the file. A value that does not share a
// page with others leaves most of its last one empty.
func costOf(value int) int64 {
	const overhead = 160
	if value > pageBytes/2 {
		return int64(value) + overhead + pageBytes
	}
	return int64(value) + overhead
}

// takeRoom tries to have room for all of a batch, and notes what its changes
// may use.
func (b *batch) takeRoom() error {
	cost := int64(relief)
	for _, c := range b.changes {
		if !c.onlyEnds() {
			cost += costOf(len(c.value))
		}
	}
	reserve := b.w.reserve()
	space, err := b.tx.Room(reserve + cost)
	if err != nil {
		return err
	}
	b.space, b.room = space, space-reserve
	b.w.judgeRoom(b.room)
	return nil
}

// fit takes room for a value out of what the batch may use, or refuses it.
func (b *batch) fit(value int) error {
	cost := costOf(value)
	if cost > b.room {
		cause := b.w.file.Load().RoomError()
		b.w.becomeFull(cause)
		return b.w.noRoom(cause)
	}
	b.room -= cost
	return nil
}

// judgeRoom decides whether changes are refused from now on. After a transaction
// that failed for room, only one that succeeds tells that there is some.
func (w *writer) judgeRoom(above int64) {
	switch full := w.isFull(); {
	case !full && above <= 0:
		w.becomeFull(w.file.Load().RoomError())
	case full && above >= relief && !w.failing:
		w.clear()
	}
}

func (w *writer) becomeFull(cause error) {
	if st := w.status.Load(); st != nil && st.State == FileDetached {
		return // until the new file has what it is owed
	}
	w.report(FileFull, cause)
}

// isTight reports whether flushes go alone: to be done whatever does not fit, and to
// free what they can.
func (w *writer) isTight() bool {
	return w.isFull() || w.file.Load().Cramped() && !(w.trash.empty() && w.owed.empty())
}

// relieve looks for room in a full file: it has expired sessions deleted, once a
// second, and tells whether a flush that has failed is due again.
func (w *writer) relieve(changes []*change) (due bool) {
	if !w.isFull() {
		return true
	}
	if time.Since(w.relieved) < roomPause {
		return !w.failing || w.stopping || slices.ContainsFunc(changes, isBarrier)
	}
	w.relieved = time.Now()
	w.sweeper.round()
	w.trash.ripen(0)
	return true
}

// flushFull is the flush of a full file, by itself: what else waits is not refused
// with it. What an earlier flush could not write goes first. Flushes that can delete
// only little follow each other.
func (w *writer) flushFull() error {
	for n := range fullFlushes {
		held := w.journal.held
		if err := w.squeeze(); err != nil || (!held && w.trash.empty() && w.owed.empty()) || n == fullFlushes-1 {
			return err
		}
	}
	return nil
}

// squeeze tries a flush that does not fit again with less to delete.
func (w *writer) squeeze() error {
	for {
		err := w.attempt(w.begin(nil, true))
		if err == nil {
			w.garbage = min(2*w.garbage, maxGarbage)
			return nil
		}
		if !w.failing || w.garbage <= leastGarbage {
			return err
		}
		w.garbage = max(w.garbage/4, leastGarbage)
	}
}

func isBarrier(c *change) bool { return c.kind == barrier }

// answerBarriers answers those that wait for a flush with its error, and returns
// the others.
func (w *writer) answerBarriers(changes []*change, err error) []*change {
	return slices.DeleteFunc(changes, func(c *change) bool {
		if isBarrier(c) {
			w.fail([]*change{c}, err)
		}
		return isBarrier(c)
	})
}

// mostGarbage is how many records a transaction deletes, and how many ends a flush
// writes: few records where changes wait for it. Each
// page that loses a record is written anew before it is free: where the file cannot
// grow, half of the room is for that and a quarter for ends.
func (b *batch) mostGarbage() (records, ends int) {
	switch {
	case !b.w.isTight() && !b.w.stopping:
		return min(b.w.garbage, purgeStep), maxGarbage
	case !b.w.file.Load().Cramped():
		return b.w.garbage, maxGarbage
	}
	fit := func(room, each int64) int { return int(max(leastGarbage, min(room/each, maxGarbage))) }
	return min(b.w.garbage, fit(b.space/2, pageBytes)), fit(b.space/4, endBytes)
}

// mostEnds is how many ends the file keeps: fewer where it is small.
func (w *writer) mostEnds() int {
	return int(min(int64(w.cfg.MaxEnded), w.file.Load().Most()/endShare/endBytes))
}
