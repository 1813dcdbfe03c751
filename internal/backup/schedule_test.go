package backup_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/backup"
)

// runs calls test with a schedule of an hour that runs by a false clock, and with the times of its
// tries since its start.
func runs(t *testing.T, s *backup.Schedule, fails func() error, test func(tries func() []time.Duration)) {
	synctest.Test(t, func(t *testing.T) {
		begin, last := time.Now(), time.Time{}
		var mu sync.Mutex // protects tries
		var tries []time.Duration
		if s.Last != nil {
			last, _ = s.Last()
		}
		s.Every, s.Now = time.Hour, time.Now
		s.Last = func() (time.Time, error) { return last, nil }
		s.Make = func(context.Context) error {
			mu.Lock()
			tries = append(tries, time.Since(begin))
			mu.Unlock()
			err := fails()
			if err == nil {
				last = time.Now()
			}
			s.Note(time.Now(), err)
			return err
		}
		ctx, stop := context.WithCancel(t.Context())
		go s.Run(ctx)
		test(func() []time.Duration {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(tries)
		})
		stop()
		synctest.Wait()
	})
}

func wantTries(t *testing.T, when string, got []time.Duration, want ...time.Duration) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: tries after %v; want %v", when, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: tries after %v; want %v", when, got, want)
		}
	}
}

func TestSchedule_EveryHour(t *testing.T) {
	s := &backup.Schedule{}
	runs(t, s, func() error { return nil }, func(tries func() []time.Duration) {
		time.Sleep(3*time.Hour - time.Second)
		wantTries(t, "without a backup before", tries(), time.Minute, time.Hour+time.Minute, 2*time.Hour+time.Minute)
		if st := s.State(); st.Made != 3 || st.Failed != 0 || st.Err != nil {
			t.Errorf("State = %+v; want 3 made", st)
		}
	})
}

// A restart counts from the newest backup.
func TestSchedule_AfterARestart(t *testing.T) {
	s := &backup.Schedule{Last: func() (time.Time, error) { return time.Now().Add(-30 * time.Minute), nil }}
	runs(t, s, func() error { return nil }, func(tries func() []time.Duration) {
		time.Sleep(time.Hour)
		wantTries(t, "half an hour after the last one", tries(), 30*time.Minute)
	})
}

// After a failure it tries again, and the state says so until one is made.
func TestSchedule_Fails(t *testing.T) {
	s, full := &backup.Schedule{}, errors.New("the disk is full")
	var broken atomic.Bool
	broken.Store(true)
	fails := func() error {
		if broken.Load() {
			return full
		}
		return nil
	}
	runs(t, s, fails, func(tries func() []time.Duration) {
		time.Sleep(12 * time.Minute)
		wantTries(t, "after failures", tries(), time.Minute, 11*time.Minute)
		if st := s.State(); st.Failed != 2 || st.Made != 0 || st.Err != full {
			t.Errorf("State = %+v; want 2 failures", st)
		}
		broken.Store(false)
		time.Sleep(20 * time.Minute)
		wantTries(t, "after a success", tries(), time.Minute, 11*time.Minute, 21*time.Minute)
		if st := s.State(); st.Err != nil || st.Made != 1 {
			t.Errorf("State = %+v; want no error", st)
		}
	})
}

// Of several servers one makes the backup; it says whether it did.
func TestSchedule_Turn(t *testing.T) {
	var mine atomic.Bool
	var mu sync.Mutex // protects said
	var said []bool
	s := &backup.Schedule{Turn: func(context.Context) (bool, func(bool)) {
		return mine.Load(), func(made bool) {
			mu.Lock()
			defer mu.Unlock()
			said = append(said, made)
		}
	}}
	var broken atomic.Bool
	broken.Store(true)
	fails := func() error {
		if broken.Load() {
			return errors.New("no room")
		}
		return nil
	}
	runs(t, s, fails, func(tries func() []time.Duration) {
		time.Sleep(5*time.Minute + time.Second)
		wantTries(t, "another server's turn", tries())
		mine.Store(true)
		time.Sleep(time.Minute)
		wantTries(t, "this server's turn", tries(), 6*time.Minute)
		broken.Store(false)
		time.Sleep(10 * time.Minute)
		tries()
		mu.Lock()
		defer mu.Unlock()
		if len(said) != 2 || said[0] || !said[1] {
			t.Errorf("it said %v; want a failure and a success", said)
		}
	})
}
