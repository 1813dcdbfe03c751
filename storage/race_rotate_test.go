package storage_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A steppedClock runs one function when the wall clock is read, which is the last
// step of a commit before the disk, and another at the n-th reading of the boot
// clock after that.
type steppedClock struct {
	*testkit.Clock
	atWall, atBoot atomic.Pointer[func()]
	skip           atomic.Int64
}

func (c *steppedClock) Wall() time.Time {
	if f := c.atWall.Swap(nil); f != nil {
		(*f)()
	}
	return c.Clock.Wall()
}

func (c *steppedClock) Boot() time.Duration {
	if c.atBoot.Load() != nil && c.skip.Add(-1) < 0 {
		if f := c.atBoot.Swap(nil); f != nil {
			(*f)()
		}
	}
	return c.Clock.Boot()
}

// A session is rotated. While the disk is at work, a caller asks for its end, which
// makes the rotation fail, and then cancels. The session lives on, also after a
// restart.
func TestRace_RotationLosesAgainstAnEndThatGivesUp(t *testing.T) {
	clock := &steppedClock{Clock: testkit.NewClock()}
	cfg := testConfig(t, clock)
	s := open(t, cfg)
	k := mustCreate(t, s, "a", record.Lifetime{Idle: time.Hour})
	ctx, giveUp := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	duringCommit := func() {
		go func() { ended <- s.DeleteWithContext(ctx, "a") }()
		for s.Stats().Queued == 0 {
			time.Sleep(ms)
		}
		afterCommit := func() {
			giveUp()
			err := <-ended
			ended <- err
		}
		clock.skip.Store(1) // the rotation itself reads the clock once
		clock.atBoot.Store(&afterCommit)
	}
	clock.atWall.Store(&duringCommit)
	rotated := s.Rotate(context.Background(), k, record.KeyOf("heir"), []byte("x"), time.Hour)
	switch err := <-ended; {
	case err == nil:
		wantStatus(t, s, k, record.Ended, record.Deleted)
		return
	case !errors.Is(err, context.Canceled):
		t.Fatalf("DeleteWithContext = %v; want nil or Canceled", err)
	case rotated == nil:
		t.Log("the rotation won after all")
		k = record.KeyOf("heir")
	}
	wantStatus(t, s, k, record.Live, record.NoReason)
	s = reopen(t, s, cfg)
	wantStatus(t, s, k, record.Live, record.NoReason)
}

// When a rotation and an end race for a session, exactly one of them succeeds. An
// end that found no session must not leave the session live under its new key.
func TestRace_RotateAgainstEnd(t *testing.T) {
	cfg := storage.Config{RefuseEnded: true, Database: memoryDir(t) + "/sessions.db", Logger: testLogger(t)}
	s := open(t, cfg)
	heir := func(i int) record.Key { return record.KeyOf("heir of " + raceID(i)) }
	n := sized(15_000, 500_000)
	if raceDetector {
		n /= 2
	}
	together(n, func(i int) {
		k := record.KeyOf(raceID(i))
		mustCreateValue(t, s, raceID(i), []byte("x"), time.Hour)
		rotated := make(chan error)
		go func() { rotated <- s.Rotate(context.Background(), k, heir(i), []byte("y"), time.Hour) }()
		ended, err := s.End(context.Background(), k, record.Deleted)
		switch rotation := <-rotated; {
		case err != nil:
			t.Errorf("End = %v", err)
		case ended && rotation == nil:
			t.Errorf("%d was both ended and rotated", i)
		case !ended && rotation != nil:
			t.Errorf("%d was neither ended nor rotated: %v", i, rotation)
		case ended && s.Peek(heir(i)).State == record.Live:
			t.Errorf("%d has ended, and the session is live under its new key", i)
		}
	})
}
