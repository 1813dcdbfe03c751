package storage_test

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// noFresh is a plan: no fresh file can be written whole. Its second commit, which has
// entries, fails.
func noFresh() func(int, string) fault {
	tries := 0
	return func(_ int, path string) fault {
		if isFresh(path) {
			tries++
		}
		if isFresh(path) && tries%2 == 0 {
			return firstSync
		}
		return noFault
	}
}

func fullConfig(t *testing.T, clock storage.Clock) (storage.Config, *faults) {
	cfg, f := faultyConfig(t, clock)
	f.err = syscall.ENOSPC
	return cfg, f
}

// A start without room for the fresh file uses the old one as it is: the same
// sessions with the same time, ended ones stay ended, and all that is written to it
// is there after the next start, with room or without (D2).
func TestOpenFull_InPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		cfg, f := fullConfig(t, clock)
		s := open(t, cfg)
		var keys []record.Key
		for i := range 300 {
			keys = append(keys, mustCreate(t, s, fmt.Sprint("id", i), idle20))
		}
		brief := mustCreate(t, s, "brief", record.Lifetime{Idle: 2 * time.Second})
		for range 3 {
			clock.Advance(time.Second)
			for _, k := range keys[:200] {
				s.Refresh(k)
			}
			if err := s.Sync(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.End(context.Background(), keys[0], record.Deleted); err != nil {
			t.Fatal(err)
		}
		rest := 17 * time.Second
		check := func(when string, extra ...record.Key) {
			t.Helper()
			if st := s.Stats().File; st.State != storage.FileOK {
				t.Errorf("%s: the file is %v, %v; want it ok", when, st.State, st.Cause)
			}
			wantLeft(t, s, 20*time.Second, append(extra, keys[1:200]...)...)
			wantLeft(t, s, rest, keys[200:]...)
			wantStatus(t, s, keys[0], record.Ended, record.Deleted)
			wantStatus(t, s, brief, record.Ended, record.Idle)
		}
		f.arm(noFresh())
		s = reopen(t, s, cfg)
		check("in place")
		clock.Advance(time.Second)
		rest -= time.Second
		for _, k := range keys[1:200] {
			s.Refresh(k)
		}
		created := mustCreate(t, s, "created in place", idle20)
		if err := s.Replace(context.Background(), keys[1], []byte("new"), 20*time.Second); err != nil {
			t.Fatal(err)
		}
		s = reopen(t, s, cfg)
		check("in place again", created)
		f.disarm()
		s = reopen(t, s, cfg)
		check("with room", created)
		if got := string(s.Peek(keys[1]).Value); got != "new" {
			t.Errorf("value = %q; want that of the change", got)
		}
	})
}

// The old touches of a file that is used in place go when newer ones have replaced
// them, and what expires there is deleted.
func TestOpenFull_InPlaceIsEmptied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		cfg, f := fullConfig(t, clock)
		s := open(t, cfg)
		var keys []record.Key
		for i := range 300 {
			keys = append(keys, mustCreate(t, s, fmt.Sprint("id", i), idle20))
		}
		clock.Advance(time.Second)
		for _, k := range keys {
			s.Refresh(k)
		}
		f.arm(noFresh())
		s = reopen(t, s, cfg)
		clock.Advance(time.Second)
		for _, k := range keys[:100] {
			s.Refresh(k)
		}
		if err := s.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
		clock.Advance(19 * time.Second) // the other 200 expire
		s.Sweep()
		for range 3 {
			if err := s.Sync(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		if got := entriesOf(t, s, "records"); got != 100 {
			t.Errorf("%d records in the file; want 100", got)
		}
		if got := entriesOf(t, s, "touches"); got != 1 { // 300 of the old ones were 3 values
			t.Errorf("%d values of touches in the file; want 1", got)
		}
	})
}

// A file that cannot be used in place leaves the start without one: sessions are in
// memory, and the new file is built when there is room (D3).
func TestOpenFull_Detached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		cfg, f := fullConfig(t, clock)
		s := open(t, cfg)
		mustCreate(t, s, "lost with the damaged file", idle20)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		b := readFile(t, cfg.Database)
		clear(b[:pageSize])
		writeFile(t, cfg.Database, b)
		f.arm(noFresh())
		s = open(t, cfg)
		if st := s.Stats().File; st.State != storage.FileDetached {
			t.Errorf("the file is %v; want detached", st.State)
		}
		if aside, _ := filepath.Glob(cfg.Database + ".damaged-*"); len(aside) != 1 {
			t.Errorf("%d files moved aside; want the damaged one", len(aside))
		}
		if err := s.Conn().View(func(*bbolt.Tx) error { return nil }); err == nil || s.Conn().Stats().TxN != 0 {
			t.Errorf("View without a file = %v; want an error", err)
		}
		f.disarm()
		waitForFile(t, s)
		k := mustCreate(t, s, "after", idle20)
		s = reopen(t, s, cfg)
		wantLeft(t, s, 20*time.Second, k)
		if aside, _ := filepath.Glob(cfg.Database + ".foreign-*"); len(aside) != 0 {
			t.Errorf("moved aside as another's: %v", aside)
		}
	})
}

// entriesOf counts the entries of one of the storage's buckets in the file.
func entriesOf(t *testing.T, s *storage.Storage, bucket string) int {
	t.Helper()
	tx, err := s.Conn().Begin(false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	return tx.Bucket([]byte("fiber_storage")).Bucket([]byte(bucket)).Stats().KeyN
}
