package file

import "pagesession/storage/internal/entry"

// endBefore ends the entries that the mark says have ended, unless they had expired
// before that. The error is the context's.
func (l *Loaded) endBefore() error {
	if len(l.seal.ended) == 0 {
		return nil
	}
	live := l.Records[:0]
	for i, r := range l.Records {
		if i%EntriesBetweenLooks == 0 && l.ctx.Err() != nil {
			return l.ctx.Err()
		}
		if e := l.seal.endOf(r.Seq); e == nil || r.Expired(e.At) {
			live = append(live, r)
		} else {
			l.end(r, e)
		}
	}
	clear(l.Records[len(live):])
	l.Records, l.Ends = live, l.allEnds()
	return nil
}

// end notes that an entry has ended. Entries come in the order of their ends, so the
// first ends are the oldest.
func (l *Loaded) end(r *entry.Entry, e *endedBefore) {
	l.Dead = append(l.Dead, r.Seq)
	l.DeadEnds = append(l.DeadEnds, entry.End{Key: r.Key, Tombstone: e.Tombstone})
	if most := l.limits.Ends; len(l.DeadEnds) == 2*most {
		l.DeadEnds = append(l.DeadEnds[:0], l.DeadEnds[most:]...)
	}
}

// allEnds returns Ends and DeadEnds in the order in which they were decided, which
// counts where two ends of one key are in the same millisecond.
func (l *Loaded) allEnds() []entry.End {
	all := make([]entry.End, 0, len(l.Ends)+len(l.DeadEnds))
	listed, dead := l.Ends, l.DeadEnds
	numbers := l.Dead[len(l.Dead)-len(dead):]
	for _, list := range l.lists {
		for len(dead) > 0 && l.seal.endOf(numbers[0]).seq < list.seq {
			all = append(all, dead[0])
			dead, numbers = dead[1:], numbers[1:]
		}
		all, listed = append(all, listed[:list.n]...), listed[list.n:]
	}
	return append(all, dead...)
}
