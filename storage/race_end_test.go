package storage_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/storage"
	"pagesession/storage/record"
)

// memoryDir returns a folder where fsync costs nothing, for tests that commit often
// and cut no power.
func memoryDir(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "pagesession-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// A race ends a session in one goroutine while others use it. Once the end is
// answered, the others must not see the session live or bring it back.
type race struct {
	s     *storage.Storage
	id    string
	k     record.Key
	ended atomic.Bool
	fail  func(format string, args ...any)
}

// live fails the test when a call that began after the end found the session live.
func (r *race) live(began bool, what string, live bool) {
	if began && live {
		r.fail("%s: %s found it live after its end was answered", r.id, what)
	}
}

func (r *race) refresh() {
	for range 20 {
		began := r.ended.Load()
		r.live(began, "Refresh", r.s.Refresh(r.k).State == record.Live)
		if began {
			return
		}
		runtime.Gosched()
	}
}

func (r *race) replace() {
	began := r.ended.Load()
	err := r.s.Replace(context.Background(), r.k, []byte("replaced"), time.Hour)
	r.live(began, "Replace", err == nil)
	r.refused("Replace", err)
}

func (r *race) set() {
	began := r.ended.Load()
	err := r.s.Set(r.id, []byte("set"), time.Hour)
	r.live(began, "Set", err == nil)
	r.refused("Set", err)
}

func (r *race) refused(what string, err error) {
	if err != nil && !errors.Is(err, storage.ErrEnded) {
		r.fail("%s: %s = %v; want nil or ErrEnded", r.id, what, err)
	}
}

func (r *race) end() {
	ended, err := r.s.End(context.Background(), r.k, record.Deleted)
	if !ended || err != nil {
		r.fail("%s: End = %v, %v; want true, nil", r.id, ended, err)
	}
	r.ended.Store(true)
}

func (r *race) delete() {
	if err := r.s.Delete(r.id); err != nil {
		r.fail("%s: Delete = %v", r.id, err)
	}
	r.ended.Store(true)
}

// lookAgain checks once more after both calls have returned.
func (r *race) lookAgain() {
	r.live(true, "Refresh", r.s.Refresh(r.k).State == record.Live)
	r.live(true, "Peek", r.s.Peek(r.k).State == record.Live)
	if v, err := r.s.Get(r.id); v != nil || err != nil {
		r.fail("%s: Get = %q, %v; want nil, nil", r.id, v, err)
	}
}

// TestRace_End runs 20,000 races: refresh against end, replace against end, and set
// against delete, as Fiber's Save does.
func TestRace_End(t *testing.T) {
	seed := newSeed(t)
	for round := range sized(1, 10) {
		runRaces(t, seed+uint64(round), sized(20_000, 100_000))
	}
}

func runRaces(t *testing.T, seed uint64, races int) {
	cfg := storage.Config{RefuseEnded: true, Database: memoryDir(t) + "/sessions.db", SweepInterval: 256 * ms, Logger: testLogger(t)}
	s := open(t, cfg)
	const workers = 512
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(seed, uint64(w)))
			for i := w; i < races && !t.Failed(); i += workers {
				runRace(t, s, raceID(i), rng)
			}
		})
	}
	wg.Wait()
	allHaveEnded(t, s, races)
	s = reopen(t, s, cfg)
	allHaveEnded(t, s, races)
}

func raceID(i int) string { return fmt.Sprintf("id-%d", i) }

func runRace(t *testing.T, s *storage.Storage, id string, rng *rand.Rand) {
	r := &race{s: s, id: id, k: record.KeyOf(id), fail: t.Errorf}
	if err := s.Create(context.Background(), r.k, []byte("created"), record.Lifetime{Idle: time.Hour}); err != nil {
		r.fail("%s: Create = %v", id, err)
		return
	}
	user := []func(){r.refresh, r.replace, r.set}[rng.IntN(3)]
	end := []func(){r.end, r.delete}[rng.IntN(2)]
	both := []func(){user, end}
	if rng.IntN(2) == 0 {
		both = []func(){end, user}
	}
	var wg sync.WaitGroup
	wg.Go(both[0])
	if rng.IntN(2) == 0 {
		runtime.Gosched()
	}
	both[1]()
	wg.Wait()
	r.lookAgain()
}

// allHaveEnded checks that all ids of the races have ended for good.
func allHaveEnded(t *testing.T, s *storage.Storage, races int) {
	t.Helper()
	for k, r := range s.All() {
		t.Fatalf("%s is live with %q; all have ended", k.Fingerprint(), r.Value)
	}
	var wg sync.WaitGroup
	for i := range min(races, 1000) {
		wg.Go(func() {
			id := raceID(i * races / 1000)
			if r := s.Peek(record.KeyOf(id)); r.State != record.Ended {
				t.Errorf("Peek(%s) = status %v; want Ended", id, r.State)
			}
			if err := s.Set(id, []byte("revived"), time.Hour); !errors.Is(err, storage.ErrEnded) {
				t.Errorf("Set(%s) = %v; want ErrEnded", id, err)
			}
		})
	}
	wg.Wait()
}
