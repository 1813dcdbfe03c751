package storage_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A lateClock runs something between a reading of the clock and its use. That
// happens to a goroutine that loses its processor there.
type lateClock struct {
	*testkit.Clock
	between atomic.Pointer[func()]
}

func (c *lateClock) Boot() time.Duration {
	now := c.Clock.Boot()
	if f := c.between.Swap(nil); f != nil {
		(*f)()
	}
	return now
}

// Once one caller has seen that a session expired, it has expired for all, also for
// a call that read the clock before.
func TestRace_ExpirySeenOnceIsFinal(t *testing.T) {
	for name, use := range map[string]func(*storage.Storage, record.Key) error{
		"Refresh": func(s *storage.Storage, k record.Key) error {
			if s.Refresh(k).State == record.Live {
				return nil
			}
			return storage.ErrEnded
		},
		"Replace": func(s *storage.Storage, k record.Key) error {
			return s.Replace(context.Background(), k, []byte("x"), time.Hour)
		},
		"Set": func(s *storage.Storage, _ record.Key) error { return s.Set("a", []byte("x"), time.Hour) },
		"Rotate": func(s *storage.Storage, k record.Key) error {
			return s.Rotate(context.Background(), k, record.KeyOf("heir"), []byte("x"), time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &lateClock{Clock: testkit.NewClock()}
			s := open(t, testConfig(t, clock))
			k := mustCreate(t, s, "a", idle20)
			clock.Advance(20*time.Second - ms)
			seen := make(chan record.State, 1)
			between := func() {
				clock.Advance(ms)
				go func() { seen <- s.Peek(k).State }()
				select { // if it waits for the caller's lock, the caller was first
				case status := <-seen:
					seen <- status
				case <-time.After(20 * ms):
				}
			}
			clock.between.Store(&between)
			err := use(s, k)
			if <-seen != record.Ended {
				return
			}
			if !errors.Is(err, storage.ErrEnded) {
				t.Errorf("%s = %v after another caller saw the session ended; want ErrEnded", name, err)
			}
			wantStatus(t, s, k, record.Ended, record.Idle)
			wantStatus(t, s, record.KeyOf("heir"), record.None, record.NoReason)
		})
	}
}

// The same with the real clock and 8,000 sessions that are used at the very end of
// their time.
func TestRace_UseAgainstExpiry(t *testing.T) {
	seed := newSeed(t)
	cfg := storage.Config{RefuseEnded: true, Database: memoryDir(t) + "/sessions.db", SweepInterval: 256 * ms, Logger: testLogger(t)}
	s := open(t, cfg)
	const workers = 256
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(seed, uint64(w)))
			for i := w; i < sized(8000, 200_000) && !t.Failed(); i += workers {
				expire(t, s, raceID(i), rng)
			}
		})
	}
	wg.Wait()
}

// expire watches a session until it has ended, while it is used at about that
// moment.
func expire(t *testing.T, s *storage.Storage, id string, rng *rand.Rand) {
	r := &race{s: s, id: id, k: record.KeyOf(id), fail: t.Errorf}
	idle := time.Duration(1+rng.IntN(20)) * ms
	if err := s.Create(context.Background(), r.k, []byte("created"), record.Lifetime{Idle: idle}); err != nil {
		r.fail("%s: Create = %v", id, err)
		return
	}
	users := []func(){r.refresh, r.replace, r.set}
	use := users[rng.IntN(len(users))]
	pause := idle - time.Duration(rng.IntN(1000))*time.Microsecond
	var wg sync.WaitGroup
	wg.Go(func() {
		time.Sleep(pause)
		use()
	})
	for range 100 {
		if s.Peek(r.k).State == record.Ended {
			r.ended.Store(true)
			wg.Wait()
			r.lookAgain()
			return
		}
		time.Sleep(pause / 20)
	}
	wg.Wait() // otherwise it was used in time and lives for an hour
}

// A session that was refreshed in its last millisecond survives a sweep at the same
// time.
func TestRace_RefreshAgainstSweep(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	var keys []record.Key
	for i := range 300 {
		keys = append(keys, mustCreate(t, s, raceID(i), idle20))
	}
	for range sized(300, 3000) {
		clock.Advance(20*time.Second - ms)
		var wg sync.WaitGroup
		wg.Go(func() { s.Sweep(); s.Sweep() })
		for _, k := range keys {
			s.Refresh(k)
		}
		wg.Wait()
		for _, k := range keys {
			if r := s.Peek(k); r.State != record.Live || r.Remaining != 20*time.Second {
				t.Fatalf("Peek = status %v, %v left, just after Refresh; want live, 20s", r.State, r.Remaining)
			}
		}
	}
}

// Flushes and sweeps work on the same sessions at the same time, under the race
// detector.
func TestRace_SweepAgainstFlush(t *testing.T) {
	cfg := storage.Config{RefuseEnded: true, Database: memoryDir(t) + "/sessions.db", FlushInterval: ms, SweepInterval: ms, Logger: testLogger(t)}
	s := open(t, cfg)
	var keys []record.Key
	for i := range 2000 {
		keys = append(keys, record.KeyOf(fmt.Sprint(i)))
	}
	var wg sync.WaitGroup
	for _, k := range keys {
		wg.Go(func() {
			if err := s.Create(context.Background(), k, []byte("x"), idle20); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for end := time.Now().Add(500 * ms); time.Now().Before(end); {
		for _, k := range keys {
			s.Refresh(k)
		}
		s.Sweep()
	}
}
