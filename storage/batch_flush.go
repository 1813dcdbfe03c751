package storage

// flushTouches writes everything that was refreshed since the last flush, and
// deletes the values of older flushes that this makes worthless.
func (b *batch) flushTouches() error {
	j := b.w.journal
	b.flushNo = j.collect(b.w.index)
	values, err := b.putTouches(j.touches)
	if err != nil {
		return err
	}
	b.touched = len(j.touches)
	j.settle(b.flushNo, values)
	for _, seq := range j.empty {
		if err := b.touches.Delete(seqKey(seq)); err != nil {
			return err
		}
	}
	b.wrote = b.wrote || len(values)+len(j.empty) > 0
	return nil
}

func (b *batch) putTouches(all []touch) (values []uint64, err error) {
	for len(all) > 0 {
		n := min(len(all), maxTouches)
		seq, start := b.w.nextSeq(), len(b.w.buf)
		b.w.buf = encodeTouches(b.w.buf, all[:n])
		if err := b.touches.Put(seqKey(seq), b.w.buf[start:]); err != nil {
			return nil, err
		}
		values, all = append(values, seq), all[n:]
	}
	return values, nil
}

// deleteGarbage removes from the file what the sweeper removed from memory.
func (b *batch) deleteGarbage() error {
	b.oldRecords, b.swept = b.w.trash.take(maxGarbage)
	for _, seq := range b.oldRecords {
		if err := b.records.Delete(seqKey(seq)); err != nil {
			return err
		}
	}
	b.wrote = b.wrote || len(b.oldRecords)+len(b.swept) > 0
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
