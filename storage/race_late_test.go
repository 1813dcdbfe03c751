package storage_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// crashed opens what the file of a running storage holds at this moment, as a killed
// process would leave it.
func crashed(t *testing.T, cfg storage.Config) *storage.Storage {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "sessions.db")
	writeFile(t, copied, readFile(t, cfg.Database))
	cfg.Database = copied
	return open(t, cfg)
}

// A slowDisk lets time pass during a commit. It does so when the wall clock is read,
// which is the last step before the write.
type slowDisk struct {
	*testkit.Clock
	takes atomic.Int64 // how long the next commit takes
}

func (c *slowDisk) Wall() time.Time {
	now := c.Clock.Wall()
	c.Advance(time.Duration(c.takes.Swap(0)))
	return now
}

// A change of a session that expired while the disk was at work is refused. It stays
// refused when the process is killed right after the answer.
func TestRace_ChangeThatCameTooLate(t *testing.T) {
	for name, change := range map[string]func(*storage.Storage, record.Key) error{
		"Replace": func(s *storage.Storage, k record.Key) error {
			return s.Replace(context.Background(), k, []byte("x"), time.Hour)
		},
		"Set": func(s *storage.Storage, _ record.Key) error { return s.Set("a", []byte("x"), time.Hour) },
		"Rotate": func(s *storage.Storage, k record.Key) error {
			return s.Rotate(context.Background(), k, record.KeyOf("heir"), []byte("x"), time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &slowDisk{Clock: testkit.NewClock()}
			cfg := testConfig(t, clock)
			s := open(t, cfg)
			k := mustCreate(t, s, "a", record.Lifetime{Idle: time.Second})
			clock.takes.Store(int64(2 * time.Second))
			if err := change(s, k); !errors.Is(err, storage.ErrEnded) {
				t.Fatalf("%s during which the session expired = %v; want ErrEnded", name, err)
			}
			wantStatus(t, s, k, record.Ended, record.Idle)
			s = crashed(t, cfg)
			for _, k := range []record.Key{k, record.KeyOf("heir")} {
				if r := s.Peek(k); r.State == record.Live {
					t.Errorf("%s was refused; after a crash it is live, %v left", name, r.Remaining)
				}
			}
		})
	}
}

// A stuckDisk holds the writer until it is released.
type stuckDisk struct {
	*testkit.Clock
	hold atomic.Pointer[chan struct{}]
	held chan struct{}
}

func (c *stuckDisk) Boot() time.Duration {
	if hold := c.hold.Swap(nil); hold != nil {
		close(c.held)
		<-*hold
	}
	return c.Clock.Boot()
}

// stuck opens a storage whose writer waits at the start of its next commit. Changes
// that are asked for meanwhile share the commit after it.
func stuck(t *testing.T) (cfg storage.Config, s *storage.Storage, occupy func() (letGo func())) {
	clock := &stuckDisk{Clock: testkit.NewClock(), held: make(chan struct{})}
	cfg = testConfig(t, clock)
	s = open(t, cfg)
	return cfg, s, func() func() {
		hold := make(chan struct{})
		clock.hold.Store(&hold)
		go func() { _ = s.Create(context.Background(), record.KeyOf("occupies the writer"), []byte("x"), idle20) }()
		<-clock.held
		return func() { close(hold) }
	}
}

// queueing starts f and returns when f has put a change into the queue.
func queueing(s *storage.Storage, f func() error) <-chan error {
	n, done := s.Stats().Queued, make(chan error, 1)
	go func() { done <- f() }()
	for s.Stats().Queued == n {
		time.Sleep(ms)
	}
	return done
}

// Reset also ends sessions that became live in the same commit, and they stay ended
// after a crash.
func TestRace_ResetEndsWhatItsOwnCommitCreated(t *testing.T) {
	cfg, s, occupy := stuck(t)
	letGo := occupy()
	created := queueing(s, func() error { return s.Set("a", []byte("x"), time.Hour) })
	reset := queueing(s, s.Reset)
	letGo()
	if err := errors.Join(<-created, <-reset); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*storage.Storage{"running": s, "after a crash": crashed(t, cfg)} {
		wantStatus(t, s, record.KeyOf("a"), record.Ended, record.Deleted)
		if err := s.Set("a", []byte("revived"), time.Hour); !errors.Is(err, storage.ErrEnded) {
			t.Errorf("%s: Set of a key that Reset ended = %v; want ErrEnded", name, err)
		}
	}
}

// Two callers end a session and one of them cancels. The session stays refused to
// all callers, because the other end is still under way.
func TestRace_AnEndThatGaveUpLeavesTheOther(t *testing.T) {
	_, s, occupy := stuck(t)
	k := mustCreate(t, s, "a", idle20)
	letGo := occupy()
	first := queueing(s, func() error { return s.Delete("a") })
	ctx, cancel := context.WithCancel(context.Background())
	second := queueing(s, func() error { return s.DeleteWithContext(ctx, "a") })
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Fatalf("DeleteWithContext = %v; want Canceled", err)
	}
	wantStatus(t, s, k, record.Ended, record.Deleted)
	if r := s.Refresh(k); r.State != record.Ended {
		t.Errorf("Refresh while an end is under way = status %v; want Ended", r.State)
	}
	letGo()
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	wantStatus(t, s, k, record.Ended, record.Deleted)
}

// When the queue is full, creations are refused and deletions go on.
func TestRace_EndsGoOnWhenTheQueueIsFull(t *testing.T) {
	clock := &stuckDisk{Clock: testkit.NewClock(), held: make(chan struct{})}
	cfg := testConfig(t, clock)
	cfg.QueueSize = 1
	s := open(t, cfg)
	k := mustCreate(t, s, "a", idle20)
	hold := make(chan struct{})
	clock.hold.Store(&hold)
	go func() { _ = s.Create(context.Background(), record.KeyOf("occupies the writer"), []byte("x"), idle20) }()
	<-clock.held
	queued := queueing(s, func() error { return s.Create(context.Background(), record.KeyOf("b"), []byte("x"), idle20) })
	if err := s.Create(context.Background(), record.KeyOf("c"), []byte("x"), idle20); !errors.Is(err, storage.ErrFull) {
		t.Errorf("Create with a full queue = %v; want ErrFull", err)
	}
	time.AfterFunc(10*ms, func() { close(hold) })
	if ended, err := s.End(context.Background(), k, record.Deleted); !ended || err != nil {
		t.Errorf("End with a full queue = %v, %v; want true, nil", ended, err)
	}
	if err := <-queued; err != nil {
		t.Error(err)
	}
}

// The same when the size of the values fills the queue.
func TestRace_EndsGoOnWhenTheQueueIsHeavy(t *testing.T) {
	_, s, occupy := stuck(t)
	k := mustCreate(t, s, "a", idle20)
	letGo := occupy()
	heavy := make([]byte, 64<<10)
	var wg sync.WaitGroup
	var full atomic.Bool
	for i := range 2000 {
		wg.Go(func() {
			if errors.Is(s.Create(context.Background(), record.KeyOf(raceID(i)), heavy, idle20), storage.ErrFull) {
				full.Store(true)
			}
		})
	}
	for !full.Load() && s.Stats().Queued < 2000 {
		time.Sleep(ms)
	}
	time.AfterFunc(10*ms, letGo)
	if ended, err := s.End(context.Background(), k, record.Deleted); !ended || err != nil {
		t.Errorf("End behind %d changes that wait = %v, %v; want true, nil", s.Stats().Queued, ended, err)
	}
	wg.Wait()
}

// A restart does not extend a session, not even by the part of a millisecond at
// which it happened.
func TestRace_RestartIsNeverLate(t *testing.T) {
	for name, restart := range map[string]func(*testkit.Clock){
		"process": func(*testkit.Clock) {}, "machine": func(c *testkit.Clock) { c.Reboot(0) },
	} {
		t.Run(name, func(t *testing.T) {
			clock := testkit.NewClock()
			cfg := testConfig(t, clock)
			part := 900 * time.Microsecond
			clock.Step(part) // the two clocks' milliseconds begin at different moments
			s := open(t, cfg)
			clock.Advance(ms - part)
			k := mustCreate(t, s, "a", idle20)
			clock.Advance(part)
			mustCreate(t, s, "b", idle20) // its commit marks the time
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			restart(clock)
			s = open(t, cfg)
			clock.Advance(20*time.Second - part)
			wantStatus(t, s, k, record.Ended, record.Idle)
		})
	}
}
