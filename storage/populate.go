package storage

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"pagesession/storage/internal/entry"
	"pagesession/storage/internal/file"
	"pagesession/storage/internal/index"
)

// populate fills the index with what the file holds, on all processors. flush has the last
// touches of all sessions. The error is the context's; the index is then filled in part.
func (s *Storage) populate(ctx context.Context, left *leftOver, flush uint32) error {
	parts := runtime.GOMAXPROCS(0)
	errs := make([]error, parts)
	var restoring sync.WaitGroup
	for part := range parts {
		restoring.Go(func() { errs[part] = s.restorePart(ctx, left.live, flush, part, parts) })
	}
	restoring.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, e := range left.ends {
		s.index.Remember(e)
	}
	return nil
}

// restorePart restores the sessions of some shards, in file order: of two with one key the
// later one counts.
func (s *Storage) restorePart(ctx context.Context, live []*entry.Entry, flush uint32, part, parts int) error {
	for i := part; i < index.Shards; i += parts {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.index.Reserve(i, len(live)/index.Shards)
	}
	var older []uint64
	for i, r := range live {
		if i%file.EntriesBetweenLooks == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if int(r.Key[0])%parts != part {
			continue
		}
		if was := s.index.Restore(r, flush); was != 0 {
			older = append(older, was)
		}
	}
	s.trash.add(older, nil)
	return nil
}
