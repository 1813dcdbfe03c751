package storage_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// A file that is used as it is can be empty, with all of its sessions ended by EndAll
// and their ends forgotten. Sessions that are created in it are none of those.
func TestOpenFull_InPlaceAfterEndAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		cfg, f := fullConfig(t, clock)
		s := open(t, cfg)
		for i := range 100 {
			mustCreate(t, s, fmt.Sprint("ended", i), idle20)
		}
		_, err := s.EndAll(context.Background(), record.Revoked)
		must(t, err)
		s.Sweep()
		must(t, s.Sync(context.Background()))
		clock.Advance(time.Duration(entry.KeepEnded)*ms + time.Second)
		must(t, s.Sync(context.Background()))
		f.arm(noFresh())
		s = reopen(t, s, cfg)
		var keys []record.Key
		for i := range 10 {
			keys = append(keys, mustCreate(t, s, fmt.Sprint("id", i), idle20))
		}
		for range 2 { // in place and with room
			s = reopen(t, s, cfg)
			wantLeft(t, s, 20*time.Second, keys...)
			f.disarm()
		}
	})
}

// The ends of EndAll that were not in the file yet are written when the file is used
// as it is.
func TestOpenFull_InPlaceWritesEndsOfEndAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, f := fullConfig(t, testkit.NewClock())
		s := open(t, cfg)
		k := mustCreate(t, s, "ended", idle20)
		_, err := s.EndAll(context.Background(), record.Revoked)
		must(t, err)
		crashed := cfg.Database + ".crashed"
		writeFile(t, crashed, readFile(t, cfg.Database))
		must(t, s.Close())
		cfg.Database = crashed
		f.arm(noFresh())
		s = open(t, cfg)
		wantStatus(t, s, k, record.Ended, record.Revoked)
		for range 2 {
			s = reopen(t, s, cfg)
			wantStatus(t, s, k, record.Ended, record.Revoked)
			f.disarm()
		}
	})
}

// Where the old file turns out to be of no use after all, the start goes on without
// one: sessions are in memory, and the new file is built when there is room.
func TestOpenFull_InPlaceFails(t *testing.T) {
	for name, tc := range map[string]struct {
		harm func(path string)
		kept int
	}{
		"panic":   {func(string) { panic("page 7: invalid page type") }, 0},
		"changed": {func(path string) { must(t, os.WriteFile(path, []byte("another program's"), 0o600)) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg, f := fullConfig(t, testkit.NewClock())
				s := open(t, cfg)
				k := mustCreate(t, s, "id", idle20)
				must(t, s.Close())
				harmed := false
				f.arm(noFresh())
				faulty := storage.Opened(cfg)
				s = open(t, storage.WithOpened(cfg, func(db *bbolt.DB) {
					if faulty(db); !isFresh(db.Path()) && !harmed {
						harmed = true
						tc.harm(db.Path())
					}
				}))
				if st := s.Stats().File; st.State != storage.FileDetached || !harmed {
					t.Errorf("the file is %v, harmed: %v; want detached", st.State, harmed)
				}
				wantStatus(t, s, k, record.Live, record.NoReason)
				f.disarm()
				waitForFile(t, s)
				s = reopen(t, s, cfg)
				wantLeft(t, s, 20*time.Second, k)
				if names, _ := filepath.Glob(cfg.Database + ".foreign-*"); len(names) != tc.kept {
					t.Errorf("moved aside: %v; want %d", names, tc.kept)
				}
			})
		})
	}
}
