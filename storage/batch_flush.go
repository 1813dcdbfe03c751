package storage

// flushTouches writes everything that was refreshed since the last flush.
func (b *batch) flushTouches() error {
	w := b.w
	w.index.collect(&w.flushing, w.trash, w.nextSeq)
	for i, f := range w.flushing.flushes {
		from := i * maxTouches
		to := from + int(f.total)
		start := len(w.buf)
		w.buf = encodeTouches(w.buf, w.flushing.touches[from:to])
		if err := b.touches.Put(seqKey(f.no), w.buf[start:]); err != nil {
			return err
		}
		b.wrote = true
	}
	return nil
}

// deleteGarbage removes what the touches above and the sweeper made worthless.
func (b *batch) deleteGarbage() error {
	b.oldRecords, b.oldFlushes, b.swept = b.w.trash.take(maxGarbage)
	for _, seq := range b.oldRecords {
		if err := b.records.Delete(seqKey(seq)); err != nil {
			return err
		}
	}
	for _, no := range b.oldFlushes {
		if err := b.touches.Delete(seqKey(no)); err != nil {
			return err
		}
	}
	b.wrote = b.wrote || len(b.oldRecords)+len(b.oldFlushes)+len(b.swept) > 0
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
		if err := b.endLists.Delete(seqKey(g.no)); err != nil {
			return err
		}
		b.oldGraves++
		total -= g.n
		b.wrote = true
	}
	return nil
}

// bury writes the ends of this batch and of swept sessions as one list.
func (b *batch) bury() error {
	ends := append(b.ends, b.swept...)
	if over := len(ends) - b.w.limits.ended; over > 0 {
		ends = ends[over:]
	}
	if len(ends) == 0 {
		return nil
	}
	b.graveNo, b.buried = b.w.nextSeq(), len(ends)
	start := len(b.w.buf)
	b.w.buf = encodeEnds(b.w.buf, ends)
	b.wrote = true
	return b.endLists.Put(seqKey(b.graveNo), b.w.buf[start:])
}

// stamp writes the time of the commit beside what it commits.
func (b *batch) stamp() error {
	if !b.wrote {
		return nil
	}
	meta := b.root.Bucket(metaBucket)
	return meta.Put(markKey, encodeMark(nil, b.w.line.mark()))
}
