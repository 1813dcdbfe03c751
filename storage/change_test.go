package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

func TestCreate_RefusesALiveKey(t *testing.T) {
	s := open(t, testConfig(t, testkit.NewClock()))
	k := mustCreate(t, s, "a", idle20)
	if err := s.Create(context.Background(), k, []byte("other"), idle20); !errors.Is(err, storage.ErrExists) {
		t.Errorf("Create = %v; want ErrExists", err)
	}
	wantValue(t, s, "a", "value of a")
}

func TestReplace_KeepsCreationAndAbsoluteTimeout(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	k := mustCreate(t, s, "a", record.Lifetime{Idle: 20 * time.Second, Absolute: time.Minute})
	clock.Advance(10 * time.Second)
	if err := s.Replace(context.Background(), k, []byte("new"), 40*time.Second); err != nil {
		t.Fatalf("Replace = %v; want nil", err)
	}
	r := s.Peek(k)
	if string(r.Value) != "new" || r.Age != 10*time.Second || r.IdleTimeout != 40*time.Second ||
		r.Remaining != 40*time.Second || r.AbsoluteRemaining != 50*time.Second {
		t.Errorf("Peek = %q, %v old, %v idle, %v and %v left", r.Value, r.Age, r.IdleTimeout, r.Remaining, r.AbsoluteRemaining)
	}
}

func TestReplace_RefusesAnUnknownKey(t *testing.T) {
	s := open(t, testConfig(t, testkit.NewClock()))
	if err := s.Replace(context.Background(), record.KeyOf("a"), []byte("x"), time.Second); !errors.Is(err, storage.ErrEnded) {
		t.Errorf("Replace = %v; want ErrEnded", err)
	}
}

func TestRotate_MovesTheSession(t *testing.T) {
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	s := open(t, cfg)
	from, to := mustCreate(t, s, "a", record.Lifetime{Idle: 20 * time.Second, Absolute: time.Minute}), record.KeyOf("b")
	clock.Advance(10 * time.Second)
	if err := s.Rotate(context.Background(), from, to, []byte("moved"), 20*time.Second); err != nil {
		t.Fatalf("Rotate = %v; want nil", err)
	}
	for range 2 {
		wantStatus(t, s, from, record.Ended, record.Replaced)
		r := s.Peek(to)
		if string(r.Value) != "moved" || r.Age != 10*time.Second || r.Remaining != 20*time.Second || r.AbsoluteRemaining != 50*time.Second {
			t.Errorf("Peek = %q, %v old, %v and %v left", r.Value, r.Age, r.Remaining, r.AbsoluteRemaining)
		}
		s = reopen(t, s, cfg)
	}
}

func TestRotate_RefusesAUsedTarget(t *testing.T) {
	s := open(t, testConfig(t, testkit.NewClock()))
	a, b, c := mustCreate(t, s, "a", idle20), mustCreate(t, s, "b", idle20), mustCreate(t, s, "c", idle20)
	if err := s.Rotate(context.Background(), a, b, []byte("x"), time.Second); !errors.Is(err, storage.ErrExists) {
		t.Errorf("Rotate to a live key = %v; want ErrExists", err)
	}
	_, _ = s.End(context.Background(), c, record.Deleted)
	if err := s.Rotate(context.Background(), a, c, []byte("x"), time.Second); !errors.Is(err, storage.ErrEnded) {
		t.Errorf("Rotate to an ended key = %v; want ErrEnded", err)
	}
	if err := s.Rotate(context.Background(), a, a, []byte("x"), time.Second); !errors.Is(err, storage.ErrExists) {
		t.Errorf("Rotate to itself = %v; want ErrExists", err)
	}
	wantStatus(t, s, a, record.Live, record.NoReason)
}

func TestEnd_TellsWhetherThereWasOne(t *testing.T) {
	s := open(t, testConfig(t, testkit.NewClock()))
	k := mustCreate(t, s, "a", idle20)
	if ended, err := s.End(context.Background(), k, record.Revoked); !ended || err != nil {
		t.Errorf("End = %v, %v; want true, nil", ended, err)
	}
	if ended, err := s.End(context.Background(), k, record.Deleted); ended || err != nil {
		t.Errorf("second End = %v, %v; want false, nil", ended, err)
	}
	if ended, err := s.End(context.Background(), record.KeyOf("never"), record.Deleted); ended || err != nil {
		t.Errorf("End of an unknown key = %v, %v; want false, nil", ended, err)
	}
}

func TestMemoize_LastsUntilTheValueChanges(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	k := mustCreate(t, s, "a", idle20)
	v := s.Peek(k).Version
	s.Memoize(k, v, "decoded")
	clock.Advance(time.Second)
	if r := s.Refresh(k); r.Memo != "decoded" || r.Version != v {
		t.Errorf("Refresh = memo %v, version %d; want decoded, %d", r.Memo, r.Version, v)
	}
	if err := s.Replace(context.Background(), k, []byte("new"), time.Minute); err != nil {
		t.Fatal(err)
	}
	if r := s.Peek(k); r.Memo != nil || r.Version == v {
		t.Errorf("after Replace: memo %v, version %d; want nil, another", r.Memo, r.Version)
	}
	s.Memoize(k, v, "stale")
	if r := s.Peek(k); r.Memo != nil {
		t.Errorf("after a late Memoize: memo %v; want nil", r.Memo)
	}
}

func TestLimit_Sessions(t *testing.T) {
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	cfg.MaxSessions = 3
	s := open(t, cfg)
	for i := range 3 {
		mustCreate(t, s, fmt.Sprint(i), idle20)
	}
	if err := s.Create(context.Background(), record.KeyOf("3"), []byte("x"), idle20); !errors.Is(err, storage.ErrFull) {
		t.Errorf("Create at the cap = %v; want ErrFull", err)
	}
	if n := s.Stats().Refused; n != 1 {
		t.Errorf("Refused = %d; want 1", n)
	}
	if err := s.Replace(context.Background(), record.KeyOf("0"), []byte("changed"), time.Minute); err != nil {
		t.Errorf("Replace at the cap = %v; want nil", err)
	}
	for i := range 3 {
		wantStatus(t, s, record.KeyOf(fmt.Sprint(i)), record.Live, record.NoReason)
	}
	if ended, err := s.End(context.Background(), record.KeyOf("1"), record.Deleted); !ended || err != nil {
		t.Errorf("End at the cap = %v, %v; want true, nil", ended, err)
	}
	mustCreate(t, s, "4", idle20)
	clock.Advance(30 * time.Second)
	s.Sweep()
	mustCreate(t, s, "5", idle20)
}

// Concurrent creations in one batch must not exceed the limit together.
func TestLimit_SessionsInOneBatch(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	cfg.MaxSessions = 10
	s := open(t, cfg)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() { _ = s.Create(context.Background(), record.KeyOf(fmt.Sprint(i)), []byte("x"), idle20) })
	}
	wg.Wait()
	if got := s.Stats().Sessions; got != 10 {
		t.Errorf("Sessions = %d; want 10", got)
	}
}

func TestLimit_Bytes(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	cfg.MaxValueBytes, cfg.MaxBytes = 10, 15
	s := open(t, cfg)
	k := record.KeyOf("a")
	if err := s.Create(context.Background(), k, make([]byte, 11), idle20); !errors.Is(err, storage.ErrTooLarge) {
		t.Errorf("Create of 11 bytes = %v; want ErrTooLarge", err)
	}
	if err := s.Create(context.Background(), k, make([]byte, 10), idle20); err != nil {
		t.Errorf("Create of 10 bytes = %v; want nil", err)
	}
	if err := s.Create(context.Background(), record.KeyOf("b"), make([]byte, 6), idle20); !errors.Is(err, storage.ErrFull) {
		t.Errorf("Create of 6 more bytes = %v; want ErrFull", err)
	}
	if err := s.Replace(context.Background(), k, make([]byte, 2), time.Minute); err != nil {
		t.Errorf("Replace by 2 bytes = %v; want nil", err)
	}
	if err := s.Create(context.Background(), record.KeyOf("b"), make([]byte, 6), idle20); err != nil {
		t.Errorf("Create of 6 bytes then = %v; want nil", err)
	}
	if got := s.Stats().ValueBytes; got != 8 {
		t.Errorf("ValueBytes = %d; want 8", got)
	}
}
