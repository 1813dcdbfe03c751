package storage_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// sameFile returns a function that reports whether the session file is still the one that it
// was when sameFile was called.
func sameFile(t *testing.T, cfg storage.Config) func() bool {
	t.Helper()
	stat := func() os.FileInfo {
		info, err := os.Stat(cfg.Database)
		must(t, err)
		return info
	}
	was := stat()
	return func() bool { return os.SameFile(was, stat()) }
}

// A start with many sessions uses a compact file as it is: the same sessions with the same
// time, what has ended stays ended, and what is written then is there after the next start.
func TestOpen_UsesCompactFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		cfg := storage.WithMany(testConfig(t, clock), 200)
		s := open(t, cfg)
		var keys []record.Key
		for i := range 300 {
			keys = append(keys, mustCreate(t, s, fmt.Sprint("id", i), idle20))
		}
		brief := mustCreate(t, s, "brief", record.Lifetime{Idle: time.Second})
		clock.Advance(2 * time.Second)
		for _, k := range keys[:100] {
			s.Refresh(k)
		}
		_, err := s.End(context.Background(), keys[299], record.Deleted)
		must(t, err)
		same := sameFile(t, cfg)
		for range 2 {
			s = reopen(t, s, cfg)
			if !same() {
				t.Fatal("the start has written a fresh file")
			}
			wantLeft(t, s, 20*time.Second, keys[1:100]...)
			wantLeft(t, s, 18*time.Second, keys[100:298]...)
			wantStatus(t, s, keys[299], record.Ended, record.Deleted)
			wantStatus(t, s, brief, record.Ended, record.Idle)
		}
		clock.Advance(time.Second)
		later := mustCreate(t, s, "later", idle20)
		must(t, s.Replace(context.Background(), keys[1], []byte("new"), 20*time.Second))
		s = reopen(t, s, cfg)
		wantLeft(t, s, 20*time.Second, later, keys[1])
		wantLeft(t, s, 17*time.Second, keys[100:298]...)
		if got := s.Peek(keys[1]).Value; got != "new" {
			t.Errorf("value = %q; want that of the change", got)
		}
		if st := s.Stats().File; st.State != storage.FileOK {
			t.Errorf("the file is %v, %v; want it ok", st.State, st.Cause)
		}
	})
}

// A start writes a fresh file if there are few sessions, if many records have ended, and if
// most of the file is empty room.
func TestOpen_WritesFreshFile(t *testing.T) {
	const many = 1000
	for name, test := range map[string]struct {
		long    int // sessions
		brief   int // sessions that have expired at the start
		deleted int // sessions that ended before the start
	}{
		"few sessions":       {long: many - 1},
		"many have expired":  {long: many, brief: many/4 + 1},
		"most of it is room": {long: many, deleted: 20 * many},
	} {
		t.Run(name, func(t *testing.T) {
			clock := testkit.NewClock()
			cfg := storage.WithMany(testConfig(t, clock), many)
			s := open(t, cfg)
			together(test.long, func(i int) { mustCreate(t, s, fmt.Sprint("long", i), idle20) })
			together(test.brief, func(i int) {
				mustCreate(t, s, fmt.Sprint("brief", i), record.Lifetime{Idle: time.Second})
			})
			together(test.deleted, func(i int) { mustCreate(t, s, fmt.Sprint("deleted", i), idle20) })
			together(test.deleted, func(i int) {
				_, err := s.End(context.Background(), record.KeyOf(fmt.Sprint("deleted", i)), record.Deleted)
				must(t, err)
			})
			clock.Advance(2 * time.Second)
			same := sameFile(t, cfg)
			if s = reopen(t, s, cfg); same() {
				t.Error("the start has used the old file")
			}
			if got := s.Stats().Sessions; got != int64(test.long) {
				t.Errorf("%d sessions; want %d", got, test.long)
			}
		})
	}
}
