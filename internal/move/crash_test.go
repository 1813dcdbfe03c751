package move_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"pagesession/internal/move"
	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

var errCrash = errors.New("the process dies here")

// A faulty Side fails as if the process had died before or after a step.
type faulty struct {
	move.Side
	adopt, disown bool // these are not done
}

func (f *faulty) Adopt(ctx context.Context, rows []record.Row) []error {
	if f.adopt {
		return failing(len(rows))
	}
	return f.Side.Adopt(ctx, rows)
}

func (f *faulty) Disown(ctx context.Context, keys []record.Key) []error {
	if f.disown {
		return failing(len(keys))
	}
	return f.Side.Disown(ctx, keys)
}

func failing(n int) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = errCrash
	}
	return errs
}

// TestMove_Crash stops a move after each step. What happens to the sessions between the crash
// and the second attempt counts, although the target has a copy from before.
func TestMove_Crash(t *testing.T) {
	for step, fault := range map[string]faulty{"BeforeAdopt": {adopt: true}, "BeforeDisown": {disown: true}} {
		t.Run(step, func(t *testing.T) {
			clock, dir := testkit.NewClock(), t.TempDir()
			from, to := filepath.Join(dir, "from.db"), filepath.Join(dir, "to.db")
			source, target := fault, fault
			source.Side, target.Side = move.FileOf(openPath(t, from, clock)), move.FileOf(openPath(t, to, clock))
			s := move.New(&source)
			visited, ends, expires := record.KeyOf("visited"), record.KeyOf("ends"), record.KeyOf("expires")
			changed := record.KeyOf("changed")
			for _, k := range []record.Key{visited, ends, expires, changed} {
				if _, err := s.Create(t.Context(), k, record.Content{Value: []byte("one"), Subject: "ada", Idle: time.Hour}, 0); err != nil {
					t.Fatal(err)
				}
			}
			begin(t, s, &target)
			until(t, "the step fails", func() bool { now, _ := s.Progress(); return errors.Is(now.Paused, errCrash) })
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}

			again := move.FileOf(openPath(t, from, clock))
			if m := again.Storage.Mark(); m.Way != record.MovingTo {
				t.Errorf("after the crash the source says %q; want that it moves", m)
			}
			hold := &once{Side: again, wait: make(chan struct{})}
			s = closed(t, move.New(hold))
			copies := openPath(t, to, clock)
			begin(t, s, move.FileOf(copies))
			clock.Advance(50 * time.Minute)
			wantLive(t, s, visited, "one")
			if rec, err := s.Replace(t.Context(), changed, 0, record.Content{Value: []byte("two"), Subject: "ada", Idle: time.Hour}); err != nil || string(rec.Value) != "two" {
				t.Errorf("Replace = %q, %v", rec.Value, err)
			}
			if ok, err := s.End(t.Context(), ends, record.Deleted); !ok || err != nil {
				t.Errorf("End = %v, %v; want true", ok, err)
			}
			if rec := copies.Peek(ends); rec.State == record.Live {
				t.Error("the copy of a session that was ended is live")
			}
			clock.Advance(20 * time.Minute) // the copies have timed out
			close(hold.wait)
			ended(t, s)
			wantLive(t, s, visited, "one")
			wantLive(t, s, changed, "two")
			for _, k := range []record.Key{ends, expires} {
				if rec, err := s.Refresh(t.Context(), k); err != nil || rec.State == record.Live {
					t.Errorf("a session that ended is %v, %v", rec.State, err)
				}
			}
			if rows, err := s.OfSubject(t.Context(), "ada"); len(rows) != 2 || err != nil {
				t.Errorf("OfSubject = %d, %v; want 2", len(rows), err)
			}
		})
	}
}

func wantLive(t *testing.T, s *move.Store, k record.Key, value string) {
	t.Helper()
	if rec, err := s.Refresh(t.Context(), k); err != nil || rec.State != record.Live || string(rec.Value) != value {
		t.Errorf("Refresh = %v %q, %v; want live %q", rec.State, rec.Value, err, value)
	}
}

// A wait, and a watch, go with the session to the target, and hear of its end there.
func TestMove_Watch(t *testing.T) {
	clock := testkit.NewClock()
	s := closed(t, move.New(move.FileOf(openFile(t, clock))))
	k := record.KeyOf("one")
	if _, err := s.Create(t.Context(), k, record.Content{Idle: time.Hour}, 0); err != nil {
		t.Fatal(err)
	}
	woken, waited := make(chan struct{}, 10), make(chan record.Record, 1)
	stop := s.Watch(k, func() { woken <- struct{}{} })
	defer stop()
	go func() {
		rec, _ := s.Wait(context.Background(), k)
		waited <- rec
	}()
	begin(t, s, move.FileOf(openFile(t, clock)))
	ended(t, s)
	if n := len(woken); n != 0 {
		t.Errorf("the watch was woken %d times by the move; want never", n)
	}
	if _, err := s.End(t.Context(), k, record.Revoked); err != nil {
		t.Fatal(err)
	}
	<-woken
	if rec := <-waited; rec.State != record.Ended || rec.Reason != record.Revoked {
		t.Errorf("Wait = %v %v; want ended, revoked", rec.State, rec.Reason)
	}
}
