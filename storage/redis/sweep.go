package redis

import (
	"context"
	"time"

	"github.com/redis/rueidis"

	"pagesession/storage/record"
)

const (
	// sweepTime is how long a sweep of all tags takes. One server does it at a time.
	sweepTime = 5 * time.Minute
	// sweepPiece is how many entries are read at once.
	sweepPiece = 500
)

// sweep turns the index entries of sessions that timed out into tombstones, until the
// context is done. The tags come one after the other, so the load is even.
func (s *Store) sweep(ctx context.Context) {
	for pause(ctx, jitter(s.cfg.sweepTime/8)) {
		if !s.lease(ctx) {
			continue
		}
		for tag := range tags {
			if !pause(ctx, s.cfg.sweepTime/tags) {
				return
			}
			_, _ = s.sweepTag(ctx, tag) // what failed remains for the next sweep
		}
	}
}

// lease reports whether this server may sweep now.
func (s *Store) lease(ctx context.Context) bool {
	name, got := s.ofTag(kindSweep, 0), false
	err := s.do(ctx, 0, func(ctx context.Context) error {
		err := s.client.Do(ctx, s.client.B().Set().Key(name).Value("1").Nx().PxMilliseconds(s.cfg.sweepTime.Milliseconds()).Build()).Error()
		got = err == nil
		return err
	})
	return err == nil && got
}

// sweepTag sweeps the index of one tag, and returns how many sessions had timed out.
func (s *Store) sweepTag(ctx context.Context, tag int) (n int, err error) {
	for from := 0; ; {
		handles, err := s.ranks(ctx, tag, from, sweepPiece)
		if err != nil || len(handles) == 0 {
			return n, err
		}
		buried, err := s.buryMissing(ctx, tag, handles)
		if err != nil {
			return n, err
		}
		n += buried
		from += len(handles) - buried
	}
}

// ranks returns the handles of an index from a rank on; most 0: to the end.
func (s *Store) ranks(ctx context.Context, tag, from, most int) (list []record.Handle, err error) {
	name := s.ofTag(kindIndex, tag) // rank -1 is the last
	err = s.do(ctx, tag, func(ctx context.Context) error {
		members, err := s.client.Do(ctx, s.client.B().Zrange().Key(name).Min(number(int64(from))).Max(number(int64(from+most-1))).Build()).AsStrSlice()
		list = list[:0]
		for _, m := range members {
			if len(m) == len(record.Handle{}) {
				list = append(list, record.Handle([]byte(m)))
			}
		}
		return err
	})
	return list, err
}

// buryMissing makes tombstones for the handles that have no live key.
func (s *Store) buryMissing(ctx context.Context, tag int, handles []record.Handle) (n int, err error) {
	missing, err := s.missing(ctx, tag, handles)
	if err != nil {
		return 0, err
	}
	for _, h := range missing {
		a, err := s.run(ctx, s.scripts.bury, tag, s.keys(h), string(h[:]), number(remembered))
		if err != nil {
			return n, err
		}
		if a.outcome == outcomeDone {
			s.tally.ends[record.NoReason].Add(1)
			n++
		}
	}
	return n, nil
}

// missing returns the handles that have no live key.
func (s *Store) missing(ctx context.Context, tag int, handles []record.Handle) (list []record.Handle, err error) {
	err = s.do(ctx, tag, func(ctx context.Context) error {
		list = list[:0]
		cmds := make([]rueidis.Completed, len(handles))
		for i, h := range handles {
			cmds[i] = s.client.B().Exists().Key(s.name(kindLive, h)).Build()
		}
		for i, r := range s.client.DoMulti(ctx, cmds...) {
			n, err := r.AsInt64()
			if err != nil {
				return err
			}
			if n == 0 {
				list = append(list, handles[i])
			}
		}
		return nil
	})
	return list, err
}
