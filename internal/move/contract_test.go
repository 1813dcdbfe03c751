package move_test

import (
	"cmp"
	"context"
	"testing"
	"time"

	"pagesession/internal/move"
	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/session/storetest"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

var (
	_ session.Store    = (*move.Store)(nil)
	_ session.Memoizer = (*move.Store)(nil)
	_ session.Watcher  = (*move.Store)(nil)
	_ session.Limiter  = (*move.Store)(nil)
	_ move.Side        = (*redis.Store)(nil)
)

// TestStore_Promises checks what every session store promises, before a move, in its midst
// for sessions in the target and in the source, and after it.
func TestStore_Promises(t *testing.T) {
	for state, open := range map[string]func(*testing.T, move.Side, move.Side) session.Store{
		"Before": func(t *testing.T, from, _ move.Side) session.Store { return closed(t, move.New(from)) },
		"InTarget": func(t *testing.T, from, to move.Side) session.Store {
			s := closed(t, move.New(held{from}))
			begin(t, s, to)
			return s
		},
		"InSource": func(t *testing.T, from, to move.Side) session.Store {
			s := closed(t, move.New(held{from}))
			begin(t, s, to)
			return older{s, from}
		},
		"After": func(t *testing.T, from, to move.Side) session.Store {
			s := closed(t, move.New(from))
			begin(t, s, to)
			ended(t, s)
			return s
		},
	} {
		t.Run(state, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Harness {
				t.Parallel()
				clock := testkit.NewClock()
				from, to := move.FileOf(openFile(t, clock)), move.FileOf(openFile(t, clock))
				return storetest.Harness{Store: open(t, from, to), Advance: clock.Advance, Slack: 50 * time.Millisecond}
			})
		})
	}
}

// older creates sessions in the source, as if that had been before the move.
type older struct {
	*move.Store
	source move.Side
}

func (o older) Create(ctx context.Context, k record.Key, c record.Content, absolute time.Duration) (record.Record, error) {
	if rec, err := o.Peek(ctx, k); err != nil || rec.State != record.None {
		return record.Record{}, cmp.Or(err, record.ErrEnded)
	}
	return o.source.Create(ctx, k, c, absolute)
}
