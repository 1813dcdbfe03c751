package storage

import (
	"slices"
	"time"

	"pagesession/storage/internal/entry"
)

// flushAll writes the touches, then takes the garbage: sessions that the touches
// miss have their end in it. It deletes worthless values of older flushes once no
// end waits: until then they may be all that tells when a session expired.
func (b *batch) flushAll() error {
	if err := b.flushTouches(); err != nil {
		return err
	}
	records, ends, last := b.w.trash.take(maxGarbage)
	b.oldRecords, b.swept = append(b.oldRecords, records...), append(b.swept, ends...)
	if !last {
		return nil
	}
	b.emptied = true
	for _, seq := range b.w.journal.empty {
		if err := b.tx.DeleteTouches(seq); err != nil {
			return err
		}
	}
	return nil
}

// flushTouches writes the touches since the last flush, or again those that the
// last flush could not write.
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

// deleteGarbage removes from the file what is not in memory any more.
func (b *batch) deleteGarbage() error {
	for _, seq := range b.oldRecords {
		if err := b.tx.DeleteEntry(seq); err != nil {
			return err
		}
	}
	if !b.flush {
		return nil
	}
	return b.tx.DropEnds(b.now-entry.KeepEnded, b.w.cfg.MaxEnded, maxGarbage)
}

// putEnds writes the ends of this batch and of swept sessions as one list.
func (b *batch) putEnds() error {
	ends := slices.Concat(b.swept, b.ends)
	if excess := len(ends) - b.w.cfg.MaxEnded; excess > 0 {
		ends = ends[excess:]
	}
	return b.tx.PutEnds(ends, b.now)
}
