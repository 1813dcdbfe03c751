package storage

import (
	"slices"
	"time"

	"pagesession/storage/internal/entry"
)

// flushAll writes the touches and takes the garbage. It collects the touches first:
// a session that was swept before that has its end in the garbage. Old values of
// touches may be the only sign of when a session expired, so they are deleted only
// once all waiting ends are written.
func (b *batch) flushAll() error {
	if err := b.flushTouches(); err != nil {
		return err
	}
	most, mostEnds := b.mostGarbage()
	if last := b.takeGarbage(mostEnds); !last || !b.w.owed.empty() {
		return nil
	}
	empty := b.w.journal.empty
	b.emptied = min(len(empty), most)
	for _, seq := range empty[:b.emptied] {
		if err := b.tx.DeleteTouches(seq); err != nil {
			return err
		}
	}
	return nil
}

// takeGarbage takes ends to write and, if these are all that wait, records to delete.
func (b *batch) takeGarbage(mostEnds int) (last bool) {
	most, _ := b.mostGarbage()
	records, ends, last := b.w.trash.take(most, mostEnds)
	ends = slices.DeleteFunc(ends, b.isOvertaken)
	b.oldRecords, b.swept = append(b.oldRecords, records...), append(b.swept, ends...)
	return last
}

// isOvertaken reports whether a key that was used again has ended once more in the same
// millisecond. In the file the last of two such ends counts, and that one is there already.
func (b *batch) isOvertaken(e entry.End) bool {
	known := b.w.index.HowEnded(&e.Key)
	return known != nil && known.At == e.At && known.Reason != e.Reason
}

// flushTouches writes the touches since the last flush, or once more those that the
// last flush failed to write.
func (b *batch) flushTouches() error {
	j := b.w.journal
	if !j.held {
		b.w.lastFlush = time.Now()
		j.collect(b.w.index)
	}
	values, err := b.tx.PutTouches(j.touches)
	if err != nil {
		return err
	}
	b.touched = len(j.touches)
	j.settle(values)
	return nil
}

// deleteGarbage removes entries from the file that memory no longer has, and, with a
// flush, ends that are old enough.
func (b *batch) deleteGarbage() error {
	for _, seq := range b.oldRecords {
		if err := b.tx.DeleteEntry(seq); err != nil {
			return err
		}
	}
	if !b.flush {
		return nil
	}
	return b.tx.DropEnds(b.now-entry.KeepEnded, b.w.mostEnds(), maxGarbage)
}

// putEnds writes the ends of this batch and of swept sessions as one list.
func (b *batch) putEnds() error {
	ends := slices.Concat(b.swept, b.owed.ends, b.ends)
	if excess := len(ends) - b.w.cfg.MaxEnded; excess > 0 {
		ends = ends[excess:]
	}
	return b.tx.PutEnds(ends, b.now)
}
