package storage

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage/internal/file"
	"pagesession/storage/record"
)

// A lateCommit is a change on its way to the file while something else happens.
type lateCommit struct {
	s *Storage
	b *batch
	c *change
}

// commitLate does what the writer does with a change, up to the fsync.
func commitLate(t *testing.T, s *Storage, c *change) lateCommit {
	t.Helper()
	c.waiter = newWaiter().(*waiter)
	c.state.Store(taken)
	b := s.writer.begin([]*change{c}, false)
	if err := s.writer.update(b); err != nil {
		t.Fatal(err)
	}
	return lateCommit{s, b, c}
}

// publish does the rest, including the repair, and checks that the change is
// refused.
func (l lateCommit) publish(t *testing.T) {
	t.Helper()
	if l.s.writer.publish(l.b); l.c.err != ErrEnded {
		t.Fatalf("the change = %v; want %v", l.c.err, ErrEnded)
	}
}

// wantAfterCrash opens what the disk has now, and checks that it agrees with what
// readers saw.
func wantAfterCrash(t *testing.T, s *Storage, k record.Key) {
	t.Helper()
	cfg := s.cfg
	cfg.Database = copied(t, cfg.Database)
	after := openWith(t, cfg)
	want, got := s.Peek(k), after.Peek(k)
	if got.State != want.State || got.Reason != want.Reason {
		t.Errorf("after a crash: status %v, reason %v; want %v, %v", got.State, got.Reason, want.State, want.Reason)
	}
	if err := after.Set("a", []byte("x"), time.Hour); want.State == record.Ended && err == nil {
		t.Error("Set of an ended key = nil; want an error")
	}
}

// openShort opens a storage with a session that expires after a second, used or not.
func openShort(t *testing.T) (*Storage, *testkit.Clock, record.Key) {
	t.Helper()
	s, clock := openQuiet(t)
	k := record.KeyOf("a")
	if err := s.Create(context.Background(), k, []byte("x"), record.Lifetime{Idle: time.Hour, Absolute: time.Second}); err != nil {
		t.Fatal(err)
	}
	syncNow(t, s)
	clock.Advance(500 * time.Millisecond)
	return s, clock, k
}

// If a session expires before a change of it is durable, the file has lost the old
// record and the repair deletes the new one. The session's end has to take their
// place.
func TestLate_EndIsWritten(t *testing.T) {
	for _, tc := range []struct {
		name  string
		kind  changeKind
		swept bool // before the change is durable
	}{{"replace", replace, false}, {"replace, is swept", replace, true}, {"rotate", rotate, false}, {"rotate, is swept", rotate, true}} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, clock, k := openShort(t)
				late := commitLate(t, s, &change{kind: tc.kind, key: k, to: record.KeyOf("b"), value: "y", idle: 3_600_000})
				clock.Advance(time.Second)
				if tc.swept {
					s.sweeper.round()
				}
				late.publish(t)
				if late.s.writer.takeBack(late.b); late.c.err != ErrEnded {
					t.Fatalf("the change after the repair = %v; want %v", late.c.err, ErrEnded)
				}
				wantAfterCrash(t, s, k)
				syncNow(t, s)
				wantAfterCrash(t, s, k)
			})
		})
	}
}

// A rotation that is refused because an end is under way has deleted the record of a
// session that may live on. If a full disk keeps the repair from writing it again, a
// later flush does.
func TestLate_KeptIsWrittenWhenThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		s := openWith(t, quiet(filepath.Join(t.TempDir(), "sessions.db"), clock))
		w, k := s.writer, record.KeyOf("a")
		synctest.Wait() // the writer waits, and leaves the file to the test
		if _, err := w.file.Load().Update(func(tx *file.Tx) error { _, err := tx.Room(4 << 20); return err }); err != nil {
			t.Fatal(err) // MaxSize stays what the test makes it, until there is less room
		}
		if err := s.Create(context.Background(), k, make([]byte, 60_000), record.Lifetime{Idle: time.Hour}); err != nil {
			t.Fatal(err)
		}
		syncNow(t, s)
		clock.Advance(time.Second)
		reader, err := w.file.Load().Conn().Begin(false) // keeps freed pages from being used again
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = reader.Rollback() }() // Close waits for it
		late := commitLate(t, s, &change{kind: rotate, key: k, to: record.KeyOf("b"), value: "y", idle: 3_600_000})
		s.index.Refuse(&k, record.Deleted)
		late.publish(t)
		w.file.Load().Conn().MaxSize = 1
		if w.takeBack(late.b); !errors.Is(late.c.err, ErrFull) {
			t.Fatalf("a rotation whose repair found the disk full = %v; want %v", late.c.err, ErrFull)
		}
		s.index.Allow(&k) // the end has failed as well
		w.file.Load().Conn().MaxSize = 0
		_ = reader.Rollback()
		syncNow(t, s)
		if got := s.Peek(k).State; got != record.Live {
			t.Fatalf("status %v; want live", got)
		}
		wantAfterCrash(t, s, k)
		syncNow(t, s)
		if got := entries(t, s, "records"); got != 1 {
			t.Errorf("%d records in the file; want one", got)
		}
	})
}

// A change that makes a deadline later may be on disk before anyone knows whether it
// came in time. A crash at that moment does not bring back a session that has expired
// meanwhile, and does not take back half of a change that came in time.
func TestLate_LongerDeadlineAfterACrash(t *testing.T) {
	for name, given := range map[string]*change{
		"replace": {kind: replace, idle: 3_600_000}, "no idle timeout": {kind: replace}, "upsert": {kind: upsert, idle: 3_600_000},
		"rotate": {kind: rotate, to: record.KeyOf("b"), idle: 3_600_000},
	} {
		for inTime, away := range map[bool]time.Duration{true: 400 * time.Millisecond, false: 1500 * time.Millisecond} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, clock := openQuiet(t)
					k := record.KeyOf("a")
					if err := s.Create(context.Background(), k, []byte("x"), record.Lifetime{Idle: time.Second}); err != nil {
						t.Fatal(err)
					}
					clock.Advance(500 * time.Millisecond)
					c := &change{kind: given.kind, key: k, to: given.to, idle: given.idle, value: "y"}
					_ = commitLate(t, s, c)
					clock.Advance(away)
					cfg := s.cfg
					cfg.Database = copied(t, cfg.Database)
					after := openWith(t, cfg)
					if c.kind == rotate {
						k = c.to
					}
					got := after.Peek(k)
					if live := got.State == record.Live; live != inTime {
						t.Errorf("%v after the change, after a crash: %v, %v left; want live: %v", away, got.State, got.Remaining, inTime)
					}
					if inTime && (string(got.Value) != "y" || got.IdleTimeout != time.Duration(c.idle)*time.Millisecond) {
						t.Errorf("after a crash %q, idle timeout %v; want the change whole", got.Value, got.IdleTimeout)
					}
				})
			})
		}
	}
}

// A change that was taken back has deleted the record that it replaced. Until that
// is in the file again, the change's own record stays, though flushes that fit come
// between: a crash finds the session in one of them.
func TestLate_StaysUntilWhatItReplacedIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := openQuiet(t)
		w, k := s.writer, record.KeyOf("a")
		if err := s.Create(context.Background(), k, []byte("x"), record.Lifetime{Idle: time.Hour}); err != nil {
			t.Fatal(err)
		}
		syncNow(t, s)
		late := commitLate(t, s, &change{kind: replace, key: k, value: "y", idle: 3_600_000})
		late.c.state.Store(abandoned)
		w.publish(late.b)
		_ = w.failed(w.repair(late.b.repairs), file.ErrNoRoom)
		if err := w.attempt(w.begin(nil, true)); err != nil {
			t.Fatal(err)
		}
		cfg := s.cfg
		cfg.Database = copied(t, cfg.Database)
		if got := openWith(t, cfg).Peek(k).State; got != record.Live {
			t.Errorf("after a flush and a crash: %v; want live", got)
		}
		syncNow(t, s)
		wantLiveAfterCrash(t, s, k)
		if got := entries(t, s, "records"); got != 1 {
			t.Errorf("%d records in the file; want one", got)
		}
	})
}
