package move_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/move"
	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

// A target whose clock is ahead says that a session's time is up. The source's clock decides:
// the session stays there, and moves later.
func TestMove_TimeUpAtTarget(t *testing.T) {
	clock := testkit.NewClock()
	to := &ahead{Side: move.FileOf(openFile(t, clock))}
	to.is.Store(true)
	hold := make(chan struct{})
	s := closed(t, move.New(&once{Side: move.FileOf(openFile(t, clock)), wait: hold}))
	k := record.KeyOf("one")
	if _, err := s.Create(t.Context(), k, record.Content{Value: []byte("one"), Idle: time.Hour}, 0); err != nil {
		t.Fatal(err)
	}
	begin(t, s, to)
	if _, err := s.Replace(t.Context(), k, 0, record.Content{Idle: time.Hour}); !errors.Is(err, record.ErrUnavailable) {
		t.Errorf("Replace = %v; want ErrUnavailable, since the session has not ended", err)
	}
	close(hold)
	until(t, "the move has tried", func() bool { return to.tries.Load() > 2 })
	wantLive(t, s, k, "one")
	to.is.Store(false)
	ended(t, s)
	wantLive(t, s, k, "one")
}

// ahead is a Side whose clock may be ahead.
type ahead struct {
	move.Side
	is    atomic.Bool
	tries atomic.Int32
}

func (a *ahead) Adopt(ctx context.Context, rows []record.Row) []error {
	if len(rows) > 0 {
		a.tries.Add(1)
	}
	if !a.is.Load() {
		return a.Side.Adopt(ctx, rows)
	}
	errs := make([]error, len(rows))
	for i := range errs {
		errs[i] = record.ErrEnded
	}
	return errs
}

// A source that has lost the mark, as Redis may in a failover, says again that it moves.
func TestMove_MarkLost(t *testing.T) {
	clock := testkit.NewClock()
	source := move.FileOf(openFile(t, clock))
	target := &away{Side: move.FileOf(openFile(t, clock))}
	target.is.Store(true)
	s := closed(t, move.New(source))
	if _, err := s.Create(t.Context(), record.KeyOf("one"), record.Content{Idle: time.Hour}, 0); err != nil {
		t.Fatal(err)
	}
	begin(t, s, target)
	until(t, "the move pauses", func() bool { now, _ := s.Progress(); return now.Paused != nil })
	if err := source.SetMark(t.Context(), record.Move{}); err != nil {
		t.Fatal(err)
	}
	until(t, "the source says that it moves", func() bool { return source.Storage.Mark().Way == record.MovingTo })
	target.is.Store(false)
	ended(t, s)
	if m := source.Storage.Mark(); m.Way != record.MovedTo {
		t.Errorf("at the end the source says %q; want that all have moved", m)
	}
}

// away is a Side that may take no sessions.
type away struct {
	move.Side
	is atomic.Bool
}

func (a *away) Adopt(ctx context.Context, rows []record.Row) []error {
	if a.is.Load() {
		return failing(len(rows))
	}
	return a.Side.Adopt(ctx, rows)
}
