package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A backup that is taken while everything changes shows one moment. It has all that
// was answered before it began, and nothing that was asked after it ended. Of
// changes that one caller made in turn, it has none without the ones before it.
func TestCrash_BackupUnderLoad(t *testing.T) {
	cfg := storage.Config{RefuseEnded: true, Database: filepath.Join(t.TempDir(), "sessions.db"), Logger: testLogger(t)}
	s := open(t, cfg)
	seed := newSeed(t)
	together(3000, func(i int) { // so many that a copy takes longer than a commit
		mustCreateValue(t, s, fmt.Sprintf("filler-%d", i), make([]byte, 3000), time.Hour)
	})
	const workers = 32
	couples := make([]*couple, workers)
	var stop atomic.Bool
	var wg sync.WaitGroup
	for i := range couples {
		couples[i] = newCouple(t, s, i)
		wg.Go(func() {
			for rng := rand.New(rand.NewPCG(seed, uint64(i))); !stop.Load(); {
				couples[i].step(rng)
			}
		})
	}
	for n := range sized(3, 80) {
		before := make([]uint64, workers)
		for i, c := range couples {
			before[i] = c.done.Load()
		}
		var copied bytes.Buffer
		if _, err := s.Backup(context.Background(), &copied); err != nil {
			t.Fatalf("Backup: %v", err)
		}
		after := make([]uint64, workers)
		for i, c := range couples {
			after[i] = c.asked.Load()
		}
		restored := filepath.Join(t.TempDir(), fmt.Sprintf("restored-%d.db", n))
		nothingLives(t, restored, copied.Bytes())
		r := restore(t, restored, copied.Bytes(), true)
		for i, c := range couples {
			c.check(t, r, before[i], after[i])
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	stop.Store(true)
	wg.Wait()
}

// Backups that an operator keeps beside the session file stay there.
func TestCrash_BackupsBesideTheFileAreKept(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	s := open(t, cfg)
	var kept []string
	for _, suffix := range []string{".backup", ".backup-2026-11-22", ".backup-1", ".bak", ".old", ".damaged-by-me", "-backup", "~"} {
		path := cfg.Database + suffix
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Backup(context.Background(), f)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, path)
	}
	reopen(t, s, cfg)
	for _, path := range kept {
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s is gone after a restart (%v)", filepath.Base(path), err)
		}
	}
}

// A couple is two sessions of one caller. Step n writes n into the first session,
// then into the second, and then creates and ends a third one, the visitor.
type couple struct {
	t           *testing.T
	s           *storage.Storage
	name        string
	asked, done atomic.Uint64 // steps
}

func (c *couple) id(part string) string { return c.name + "-" + part }

func newCouple(t *testing.T, s *storage.Storage, i int) *couple {
	c := &couple{t: t, s: s, name: fmt.Sprint(i)}
	for _, part := range []string{"first", "second"} {
		mustCreateValue(t, s, c.id(part), []byte("0"), time.Hour)
	}
	return c
}

func (c *couple) step(rng *rand.Rand) {
	n := c.asked.Add(1)
	v := []byte(fmt.Sprint(n))
	for _, part := range []string{"first", "second"} {
		if err := c.s.Replace(context.Background(), record.KeyOf(c.id(part)), v, time.Hour); err != nil {
			c.t.Errorf("Replace: %v", err)
		}
	}
	visitor := c.id("visitor-" + fmt.Sprint(n))
	mustCreateValue(c.t, c.s, visitor, v, time.Hour)
	if rng.IntN(4) > 0 {
		if ended, err := c.s.End(context.Background(), record.KeyOf(visitor), record.Deleted); !ended || err != nil {
			c.t.Errorf("End = %v, %v; want true, nil", ended, err)
		}
	}
	c.done.Store(n)
}

// check checks a restored backup. It was begun after step before was done, and was
// finished before any step beyond after was asked.
func (c *couple) check(t *testing.T, r *storage.Storage, before, after uint64) {
	t.Helper()
	first, second := c.number(t, r, "first"), c.number(t, r, "second")
	if second < before || first > after || first < second || first > second+1 {
		t.Errorf("the backup was taken during steps %d to %d and has %d and %d", before, after, first, second)
	}
	for n := uint64(1); n <= after; n++ {
		k := record.KeyOf(c.id("visitor-" + fmt.Sprint(n)))
		now, then := c.s.Peek(k).State, r.Peek(k).State
		switch {
		case n <= before && now == record.Ended && then == record.Live:
			t.Errorf("visitor %d ended before the backup began and is live in it", n)
		case n <= before && now == record.Live && then != record.Live:
			t.Errorf("visitor %d was live before the backup began and is not in it", n)
		case n > second && then != record.None:
			t.Errorf("the backup has visitor %d, but its second session says %d", n, second)
		}
	}
}

func (c *couple) number(t *testing.T, r *storage.Storage, part string) (n uint64) {
	t.Helper()
	v := r.Peek(record.KeyOf(c.id(part))).Value
	if _, err := fmt.Sscan(string(v), &n); err != nil {
		t.Errorf("the backup has %q in the %s session", v, part)
	}
	return n
}

// restore opens a backup as a session file.
func restore(t *testing.T, path string, b []byte, accept bool) *storage.Storage {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, storage.Config{RefuseEnded: true, Database: path, AcceptBackup: accept, Logger: testLogger(t)})
}

// nothingLives checks that without AcceptBackup no session of a backup is live, now
// or after another restart.
func nothingLives(t *testing.T, path string, b []byte) {
	t.Helper()
	s := restore(t, path, b, false)
	for range 2 {
		for k := range s.All() {
			t.Fatalf("%s of a restored backup is live", k.Fingerprint())
		}
		if r := s.Peek(record.KeyOf("0-first")); r.Reason != record.Revoked {
			t.Errorf("a session of a restored backup ended with %v; want Revoked", r.Reason)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, storage.Config{RefuseEnded: true, Database: path, AcceptBackup: true, Logger: testLogger(t)})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
