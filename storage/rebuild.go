package storage

import (
	"cmp"
	"context"
	"slices"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/planted"
	"pagesession/storage/record"
)

// restored returns the sessions that live on, in file order, and the ends that are
// still worth keeping; fresh are those of them that the file does not have. When the
// context is done, some are missing.
func (s *Storage) restored(ctx context.Context, l *file.Loaded) (live []*entry.Entry, ends, fresh []entry.End) {
	now := s.line.Now()
	forgotten := func(e entry.End) bool { return now-e.At >= entry.KeepEnded }
	ends = slices.DeleteFunc(l.Ends, forgotten)
	if planted.EndsForgotten {
		ends = nil
	}
	newest := newestOf(ends)
	live = make([]*entry.Entry, 0, len(l.Records))
	ended := keptEnds{most: s.cfg.MaxEnded, oldest: now - entry.KeepEnded + 1}
	for i, r := range l.Records {
		if i%file.EntriesBetweenLooks == 0 && ctx.Err() != nil {
			return live, nil, nil
		}
		at, why := now, record.NoReason
		switch {
		case r.Expired(now) && mayHaveEnded(r, newest[r.Key.Handle()]):
			continue // it was swept before; its end has the true time, as its touches may be deleted
		case r.Expired(now):
			s.dropped++
			at, why = r.Deadline(), r.Why()
		case l.Backup && !s.cfg.AcceptBackup:
			why = record.Revoked
		case s.cfg.Reset:
			why = record.Deleted
		}
		if why == record.NoReason {
			live = append(live, r)
		} else {
			ended.add(entry.End{Key: r.Key, Tombstone: entry.Tombstone{At: at, Reason: why}})
		}
	}
	ends, fresh = append(ends, ended.list...), append(ended.list, slices.DeleteFunc(l.DeadEnds, forgotten)...)
	if !s.cfg.Reset {
		live = s.takeOver(ctx, l, live, now)
	}
	return live, newestEnds(ends, s.cfg.MaxEnded), newestEnds(fresh, s.cfg.MaxEnded)
}

// keptEnds are the ends that a start finds, of which only the newest are kept. So all
// sessions of a large file can have ended without a list as long as the file.
type keptEnds struct {
	list   []entry.End // fewer than 2 * most, and in no order
	most   int
	oldest int64 // older ends are left out
}

func (k *keptEnds) add(e entry.End) {
	if e.At < k.oldest {
		return
	}
	if k.list = append(k.list, e); len(k.list) == 2*k.most {
		k.list = newestEnds(k.list, k.most)
		k.oldest = k.list[0].At
	}
}

// newestEnds returns the newest ends, the oldest of them first, if there are more than
// most. It uses the memory of ends.
func newestEnds(ends []entry.End, most int) []entry.End {
	excess := len(ends) - most
	if excess <= 0 {
		return ends
	}
	slices.SortStableFunc(ends, func(a, b entry.End) int { return cmp.Compare(a.At, b.At) })
	return append(ends[:0], ends[excess:]...)
}

// mayHaveEnded reports whether the key's newest end, at the instant at, can be the
// record's own: it is later than the record's last use. Other ends belong to an
// earlier session, or to a rotation that was taken back. Without an idle timeout the
// last use is not written, so then only the absolute timeout counts.
func mayHaveEnded(r *entry.Entry, at int64) bool {
	return at > r.Used && (r.Idle > 0 || at >= r.Absolute)
}

// newestOf returns when each key ended last; 0: never. An end may have only the first
// half of its key.
func newestOf(ends []entry.End) map[record.Handle]int64 {
	newest := make(map[record.Handle]int64, len(ends))
	for _, e := range ends {
		h := e.Key.Handle()
		newest[h] = max(newest[h], e.At)
	}
	return newest
}

// takeOver adds the values that Fiber's own driver wrote, with the lifetime
// Config.Takeover from now on. A live session that it wrote after this package did
// keeps its creation and its absolute timeout. What has ended stays ended. When the
// context is done, some are missing.
func (s *Storage) takeOver(ctx context.Context, l *file.Loaded, live []*entry.Entry, now int64) []*entry.Entry {
	if len(l.Raw) == 0 {
		return live
	}
	used, at := placesOf(ctx, l, live)
	idle, absolute := entry.WholeMillis(s.cfg.Takeover.Idle), entry.WholeMillis(s.cfg.Takeover.Absolute)
	for i, v := range l.Raw {
		if i%file.EntriesBetweenLooks == 0 && ctx.Err() != nil {
			break
		}
		next := entry.New(v.Key, v.Value, now, idle, absolute)
		if i, ok := at[v.Key]; ok {
			was := live[i]
			next.Created, next.Absolute, next.Subject = was.Created, cmp.Or(was.Absolute, next.Absolute), was.Subject
			live[i] = next
		} else if !used[v.Key.Handle()] {
			live = append(live, next)
		}
	}
	return live
}

// placesOf returns which keys this package has used, and where the live ones are. When
// the context is done, some are missing.
func placesOf(ctx context.Context, l *file.Loaded, live []*entry.Entry) (used map[record.Handle]bool, at map[record.Key]int) {
	used, at = make(map[record.Handle]bool), make(map[record.Key]int)
	for _, e := range l.Ends {
		used[e.Key.Handle()] = true
	}
	for i, r := range l.Records {
		if i%file.EntriesBetweenLooks == 0 && ctx.Err() != nil {
			break
		}
		used[r.Key.Handle()] = true
	}
	for i, r := range live {
		if i%file.EntriesBetweenLooks == 0 && ctx.Err() != nil {
			break
		}
		at[r.Key] = i
	}
	return used, at
}
