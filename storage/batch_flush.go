package storage

import (
	"slices"
	"time"

	"pagesession/storage/internal/entry"
)

// flushAll writes the touches, and takes the garbage: in this order, so that the
// end of whatever left the touches before is taken, too. Values of older flushes
// that all this makes worthless go when no end waits any more: until then they may
// be all that tells when a session was over.
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
		if err := b.delete(b.touches, seq); err != nil {
			return err
		}
	}
	return nil
}

// flushTouches writes everything that was refreshed since the last flush, or
// once more what the last flush could not write.
func (b *batch) flushTouches() error {
	j := b.w.journal
	if !j.held {
		b.w.lastFlush = time.Now()
		j.collect(b.w.index)
	}
	values, err := b.putTouches(j.touches)
	if err != nil {
		return err
	}
	b.touched = len(j.touches)
	j.settle(values)
	return nil
}

func (b *batch) putTouches(all []entry.Touch) (values []uint64, err error) {
	for len(all) > 0 {
		n := min(len(all), maxTouches)
		seq, start := b.w.nextSeq(), len(b.w.buf)
		b.w.buf = encodeTouches(b.w.buf, all[:n])
		if err := b.put(b.touches, seq, b.w.buf[start:]); err != nil {
			return nil, err
		}
		values, all = append(values, seq), all[n:]
	}
	return values, nil
}

// deleteGarbage removes from the file what is not in memory any more.
func (b *batch) deleteGarbage() error {
	for _, seq := range b.oldRecords {
		if err := b.delete(b.records, seq); err != nil {
			return err
		}
	}
	if !b.flush {
		return nil
	}
	return b.clearGraves()
}

// clearGraves deletes the oldest lists of ends: those that have been kept long
// enough, and more when there are too many.
func (b *batch) clearGraves() error {
	total := 0
	for _, g := range b.w.graves {
		total += g.n
	}
	for _, g := range b.w.graves {
		kept := b.now-g.at < int64(endedKeep.Milliseconds())
		if (kept && total <= b.w.limits.ended) || b.oldGraves == maxGarbage {
			return nil
		}
		if err := b.delete(b.endLists, g.no); err != nil {
			return err
		}
		b.oldGraves++
		total -= g.n
	}
	return nil
}

// putEnds writes the ends of this batch and of swept sessions as one list.
func (b *batch) putEnds() error {
	ends := slices.Concat(b.swept, b.ends)
	if over := len(ends) - b.w.limits.ended; over > 0 {
		ends = ends[over:]
	}
	if len(ends) == 0 {
		return nil
	}
	b.graveNo, b.buried = b.w.nextSeq(), len(ends)
	start := len(b.w.buf)
	b.w.buf = encodeEnds(b.w.buf, ends)
	return b.put(b.endLists, b.graveNo, b.w.buf[start:])
}

// stamp writes the time of the commit beside what it commits.
func (b *batch) stamp() error {
	if !b.wrote {
		return nil
	}
	meta := b.root.Bucket(metaBucket)
	return meta.Put(markKey, encodeMark(nil, b.w.line.Mark(), seal{digest: b.digest, txid: uint64(b.txid)}))
}
