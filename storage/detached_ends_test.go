package storage_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// Ends take effect at once, return ErrNotDurable, and are in the new file (D16).
func TestDetached_Ends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, f := faultyConfig(t, testkit.NewClock())
		s := open(t, cfg)
		var keys []record.Key
		for i := range 10 {
			keys = append(keys, mustCreate(t, s, fmt.Sprint("id", i), idle20))
		}
		of := record.KeyOf("subject's")
		if _, err := s.Sessions().Create(context.Background(), of, record.Content{Value: []byte("x"), Subject: "7", Idle: time.Minute}, 0); err != nil {
			t.Fatal(err)
		}
		f.arm(times(3, secondSync))
		wantEnd := func(name string, n, want int, err error) {
			t.Helper()
			if n != want || !errors.Is(err, storage.ErrNotDurable) {
				t.Errorf("%s = %d, %v; want %d, ErrNotDurable", name, n, err, want)
			}
		}
		one, err := s.End(context.Background(), keys[0], record.Deleted)
		wantEnd("End in the batch that fails", len(keys[:1]), 1, err)
		again, err := s.End(context.Background(), keys[0], record.Deleted)
		if !one || again || !errors.Is(err, storage.ErrNotDurable) {
			t.Errorf("End = %v, and once more %v, %v; want true, then false, ErrNotDurable", one, again, err)
		}
		for _, want := range []int{3, 0} { // what has ended stays unsaved
			n, err := s.EndMany(context.Background(), keys[:4], record.Revoked)
			wantEnd("EndMany", n, want, err)
		}
		for _, want := range []int{1, 0} {
			n, err := s.Sessions().EndSubject(context.Background(), "7", record.Revoked)
			wantEnd("EndSubject", n, want, err)
		}
		if ended, err := s.End(context.Background(), record.KeyOf("unknown"), record.Deleted); ended || err != nil {
			t.Errorf("End of an unknown session = %v, %v; want false, nil", ended, err)
		}
		check := func() {
			t.Helper()
			wantStatus(t, s, keys[0], record.Ended, record.Deleted)
			wantStatus(t, s, keys[3], record.Ended, record.Revoked)
			wantStatus(t, s, of, record.Ended, record.Revoked)
			wantLeft(t, s, 20*time.Second, keys[4:]...)
		}
		check()
		waitForFile(t, s)
		if again, err := s.End(context.Background(), keys[0], record.Deleted); again || err != nil {
			t.Errorf("End once the file is ok = %v, %v; want false, nil", again, err)
		}
		s = reopen(t, s, cfg)
		check()
		if n, err := s.EndAll(context.Background(), record.Deleted); n != 6 || err != nil {
			t.Errorf("EndAll = %d, %v; want 6, nil", n, err)
		}
	})
}

// EndAll ends the sessions that are there, and none that are created later.
func TestDetached_EndAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, f := faultyConfig(t, testkit.NewClock())
		s := open(t, cfg)
		var keys []record.Key
		for i := range 200 {
			keys = append(keys, mustCreate(t, s, fmt.Sprint("id", i), idle20))
		}
		f.arm(times(3, firstSync))
		if n, err := s.EndAll(context.Background(), record.Revoked); n != 200 || !errors.Is(err, storage.ErrNotDurable) {
			t.Errorf("EndAll = %d, %v; want 200, ErrNotDurable", n, err)
		}
		if n, err := s.EndAll(context.Background(), record.Revoked); n != 0 || !errors.Is(err, storage.ErrNotDurable) {
			t.Errorf("EndAll once more = %d, %v; want 0, ErrNotDurable", n, err)
		}
		waitForFile(t, s)
		after := mustCreate(t, s, "after", idle20)
		s = reopen(t, s, cfg)
		for _, k := range keys {
			wantStatus(t, s, k, record.Ended, record.Revoked)
		}
		wantLeft(t, s, 20*time.Second, after)
	})
}
