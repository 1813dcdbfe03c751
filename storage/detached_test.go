package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// faultyConfig logs nothing, because faults fill the log.
func faultyConfig(t *testing.T, clock storage.Clock) (storage.Config, *faults) {
	t.Helper()
	cfg := testConfig(t, clock)
	cfg.Database = memoryDir(t) + "/sessions.db"
	cfg.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	return withFaults(t, cfg)
}

// detach makes the next commit fail and returns when the file is detached.
func detach(t *testing.T, s *storage.Storage, f *faults, plan func(int, string) fault) {
	t.Helper()
	f.arm(plan)
	if err := s.Create(context.Background(), record.KeyOf("refused"), []byte("x"), idle20); !errors.Is(err, storage.ErrUnavailable) {
		t.Fatalf("Create with a failing disk = %v; want ErrUnavailable", err)
	}
}

// waitForFile returns when the file can be written again. In a synctest bubble that
// takes no time.
func waitForFile(t *testing.T, s *storage.Storage) {
	t.Helper()
	for range 3000 {
		if s.Stats().File.State == storage.FileOK {
			return
		}
		time.Sleep(100 * ms)
	}
	t.Fatalf("the file is %+v after five minutes; want it ok", s.Stats().File)
}

// wantLeft checks that sessions are live with that much time left.
func wantLeft(t *testing.T, s *storage.Storage, left time.Duration, keys ...record.Key) {
	t.Helper()
	for _, k := range keys {
		if r := s.Peek(k); r.State != record.Live || r.Remaining != left {
			t.Errorf("Peek = %v, %v left; want live, %v", r.State, r.Remaining, left)
		}
	}
}

// A commit fails once, at either of its syncs. Shortly after, all works again, and
// after a restart every session is there with its time. A change that got an error
// is not made (D4, D5).
func TestDetached_FailsOnce(t *testing.T) {
	for name, how := range map[string]fault{"first sync": firstSync, "second sync": secondSync} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := testkit.NewClock()
				cfg, f := faultyConfig(t, clock)
				s := open(t, cfg)
				var keys []record.Key
				for i := range 100 {
					keys = append(keys, mustCreate(t, s, fmt.Sprint("id", i), idle20))
				}
				clock.Advance(5 * time.Second)
				for _, k := range keys {
					s.Refresh(k)
				}
				version := s.Peek(keys[0]).Version
				detach(t, s, f, times(1, how))
				clock.Advance(time.Second)
				for _, k := range keys[50:] {
					s.Refresh(k)
				}
				waitForFile(t, s)
				if got := s.Peek(keys[0]).Version; got != version {
					t.Errorf("a session's version is %d; want %d as before", got, version)
				}
				keys = append(keys, mustCreate(t, s, "after", idle20))
				s = reopen(t, s, cfg)
				wantLeft(t, s, 19*time.Second, keys[:50]...)
				wantLeft(t, s, 20*time.Second, keys[50:]...)
				wantStatus(t, s, record.KeyOf("refused"), record.None, record.NoReason)
			})
		})
	}
}

// The new file also fails for a while, and the storage tries again.
func TestDetached_TriesAgain(t *testing.T) {
	for _, tries := range []int{2, 3, 5, 9} {
		synctest.Test(t, func(t *testing.T) {
			clock := testkit.NewClock()
			cfg, f := faultyConfig(t, clock)
			s := open(t, cfg)
			k := mustCreate(t, s, "id", idle20)
			detach(t, s, f, times(tries, fault(1+tries%2)))
			waitForFile(t, s)
			clock.Advance(time.Second)
			s = reopen(t, s, cfg)
			wantLeft(t, s, 19*time.Second, k)
		})
	}
}

// While the file is detached, reads and refreshes go on, changes are refused at
// once, and the state says what failed.
func TestDetached_Serves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		cfg, f := faultyConfig(t, clock)
		s := open(t, cfg)
		k := mustCreate(t, s, "id", idle20)
		detach(t, s, f, times(1<<30, firstSync))
		time.Sleep(time.Minute)
		clock.Advance(time.Second)
		start := time.Now()
		for name, change := range map[string]func() error{
			"Create":  func() error { return s.Create(context.Background(), record.KeyOf("other"), nil, idle20) },
			"Set":     func() error { return s.Set("other", []byte("x"), time.Hour) },
			"Replace": func() error { return s.Replace(context.Background(), k, nil, time.Hour) },
			"Rotate":  func() error { return s.Rotate(context.Background(), k, record.KeyOf("other"), nil, time.Hour) },
			"Sync":    func() error { return s.Sync(context.Background()) },
		} {
			if err := change(); !errors.Is(err, storage.ErrUnavailable) || errors.Is(err, storage.ErrNotDurable) {
				t.Errorf("%s = %v; want ErrUnavailable", name, err)
			}
		}
		if waited := time.Since(start); waited > 0 {
			t.Errorf("refusals took %v; want none to wait", waited)
		}
		if r := s.Refresh(k); r.State != record.Live || r.Remaining != 20*time.Second {
			t.Errorf("Refresh = %v, %v left; want live, 20 s", r.State, r.Remaining)
		}
		st := s.Stats().File
		if st.State != storage.FileDetached || st.Path != cfg.Database || !errors.Is(st.Cause, f.err) || st.Since.IsZero() {
			t.Errorf("Stats.File = %+v; want it detached, its path, since when and %v", st, f.err)
		}
		f.disarm()
		waitForFile(t, s)
		s = reopen(t, s, cfg)
		wantLeft(t, s, 20*time.Second, k)
	})
}

// Changes that happen while the new file is built are in it as well.
func TestDetached_GoesOnMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		cfg, f := faultyConfig(t, clock)
		s := open(t, cfg)
		ended, used := mustCreate(t, s, "ended", idle20), mustCreate(t, s, "used", idle20)
		built := false
		detach(t, s, f, func(n int, path string) fault {
			if n == 0 {
				return firstSync
			}
			if !isFresh(path) && !built { // it has all entries, and its name
				built = true
				clock.Advance(time.Second)
				s.Refresh(used)
				if ok, err := s.End(context.Background(), ended, record.Revoked); !ok || !errors.Is(err, storage.ErrNotDurable) {
					t.Errorf("End during the build = %v, %v; want true, ErrNotDurable", ok, err)
				}
			}
			return noFault
		})
		waitForFile(t, s)
		s = reopen(t, s, cfg)
		wantStatus(t, s, ended, record.Ended, record.Revoked)
		wantLeft(t, s, 20*time.Second, used)
		if !built {
			t.Error("the build went by unseen")
		}
	})
}

// A clean stop builds the missing file, and returns an error if it cannot. The old
// file then has what was durable.
func TestDetached_Close(t *testing.T) {
	for _, failing := range []int{1, 1 << 30} {
		synctest.Test(t, func(t *testing.T) {
			clock := testkit.NewClock()
			cfg, f := faultyConfig(t, clock)
			s, err := storage.Open(cfg)
			if err != nil {
				t.Fatal(err)
			}
			k, mortal := mustCreate(t, s, "id", idle20), mustCreate(t, s, "mortal", idle20)
			clock.Advance(time.Second)
			s.Refresh(k)
			f.arm(times(failing, firstSync))
			if _, err := s.End(context.Background(), mortal, record.Revoked); !errors.Is(err, storage.ErrNotDurable) {
				t.Errorf("End with a failing disk = %v; want ErrNotDurable", err)
			}
			err = s.Close()
			f.disarm()
			left := 20 * time.Second
			if failing > 1 {
				left = 19 * time.Second
			}
			if lost := failing > 1; lost != errors.Is(err, storage.ErrUnavailable) || lost != errors.Is(err, storage.ErrNotDurable) || !lost && err != nil {
				t.Errorf("Close when %d commits fail = %v", failing, err)
			}
			s = open(t, cfg)
			wantLeft(t, s, left, k)
		})
	}
}

// A new file that fails soon is not replaced at once: the pauses grow, to spare a
// broken disk.
func TestDetached_Pauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, f := faultyConfig(t, testkit.NewClock())
		s := open(t, cfg)
		mustCreate(t, s, "id", idle20)
		attempts := 0
		detach(t, s, f, func(n int, path string) fault {
			if n == 0 {
				return firstSync
			}
			if isFresh(path) {
				attempts++
				return firstSync
			}
			return noFault
		})
		start := time.Now()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		f.disarm()
		if want := 5 + int((5*time.Minute-31*time.Second)/(30*time.Second)) + 1; attempts < want-1 || attempts > want+1 {
			t.Errorf("%d attempts in %v; want %d", attempts, time.Since(start), want)
		}
		waitForFile(t, s)
	})
}

// A disk that takes a minute for each commit, and then fails it, does not keep Close
// from writing everything once the disk works.
func TestDetached_SlowFailuresAtClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := testkit.NewClock()
		cfg, f := faultyConfig(t, clock)
		cfg.QueueTimeout = time.Hour
		s := open(t, cfg)
		k := mustCreate(t, s, "a", idle20)
		clock.Advance(time.Second)
		s.Refresh(k)
		commits := 0
		f.arm(func(_ int, path string) fault {
			if isFresh(path) {
				return noFault
			}
			commits++ // the old file's; then each new one's: as it is opened, and its first flush
			if commits > 5 || commits%2 == 0 {
				return noFault
			}
			time.Sleep(61 * time.Second)
			return firstSync
		})
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v; want nil", err)
		}
		f.disarm()
		wantLeft(t, open(t, cfg), 20*time.Second, k)
	})
}
