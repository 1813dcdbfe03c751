package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	driver "github.com/gofiber/storage/bbolt/v2"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

func TestRestart_KeepsValueAndTime(t *testing.T) {
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	s := open(t, cfg)
	k := mustCreate(t, s, "a", record.Lifetime{Idle: 20 * time.Second, Absolute: time.Hour})
	clock.Advance(5 * time.Second)
	s.Refresh(k)
	clock.Advance(3 * time.Second)
	for range 3 {
		s = reopen(t, s, cfg)
		r := s.Peek(k)
		if string(r.Value) != "value of a" || r.Age != 8*time.Second || r.Remaining != 17*time.Second {
			t.Errorf("Peek = %q, %v old, %v left; want value of a, 8s, 17s", r.Value, r.Age, r.Remaining)
		}
	}
}

// Time goes on between two servers, and a session expires at its millisecond.
func TestRestart_DownTimeCounts(t *testing.T) {
	for name, away := range map[string]func(*testkit.Clock, time.Duration){
		"process restarts":                  (*testkit.Clock).Advance,
		"machine restarts":                  (*testkit.Clock).Reboot,
		"wall clock set back, same boot":    func(c *testkit.Clock, d time.Duration) { c.Advance(d); c.Step(-time.Hour) },
		"wall clock set forward, same boot": func(c *testkit.Clock, d time.Duration) { c.Advance(d); c.Step(time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			clock := testkit.NewClock()
			cfg := testConfig(t, clock)
			s := open(t, cfg)
			k := mustCreate(t, s, "a", idle20)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			away(clock, 19*time.Second)
			s = open(t, cfg)
			if r := s.Peek(k); r.State != record.Live || r.Remaining != time.Second {
				t.Fatalf("Peek after 19s = %v, %v left; want live, 1s", r.State, r.Remaining)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			away(clock, time.Second)
			s = open(t, cfg)
			wantStatus(t, s, k, record.Ended, record.Idle)
		})
	}
}

// A machine that starts with its clock in the past must not make a session live
// longer.
func TestRestart_WallClockWentBackOverAReboot(t *testing.T) {
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	s := open(t, cfg)
	k := mustCreate(t, s, "a", idle20)
	clock.Advance(5 * time.Second)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	clock.Reboot(-48 * time.Hour)
	s = open(t, cfg)
	// The file's last mark is from its last commit, when 20 s were left.
	if r := s.Peek(k); r.State != record.Live || r.Remaining > 20*time.Second {
		t.Errorf("Peek = %v, %v left; want live, at most 20s", r.State, r.Remaining)
	}
	clock.Advance(20 * time.Second)
	wantStatus(t, s, k, record.Ended, record.Idle)
}

func TestRunning_WallClockStepsDoNothing(t *testing.T) {
	clock := testkit.NewClock()
	s := open(t, testConfig(t, clock))
	k := mustCreate(t, s, "a", idle20)
	for _, d := range []time.Duration{time.Hour, -48 * time.Hour} {
		clock.Step(d)
		if r := s.Peek(k); r.Remaining != 20*time.Second {
			t.Errorf("Peek after a step of %v = %v left; want 20s", d, r.Remaining)
		}
	}
}

func TestRestart_TakesOverTheStockDriversFile(t *testing.T) {
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	cfg.Takeover = record.Lifetime{Idle: 20 * time.Second, Absolute: 30 * time.Second}
	stock := driver.New(driver.Config{Database: cfg.Database, Bucket: "fiber_storage", Timeout: time.Second})
	for _, id := range []string{"john", "jane"} {
		if err := stock.Set(id, []byte("doe "+id), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := stock.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, cfg)
	for _, id := range []string{"john", "jane"} {
		wantValue(t, s, id, "doe "+id)
	}
	if r := s.Peek(record.KeyOf("john")); r.Remaining != 20*time.Second || r.AbsoluteRemaining != 30*time.Second {
		t.Errorf("Peek = %v and %v left; want 20s and 30s", r.Remaining, r.AbsoluteRemaining)
	}
	file, err := os.ReadFile(cfg.Database)
	if err != nil || bytes.Contains(file, []byte("john\x00")) || bytes.Contains(file, []byte("\x00jane")) {
		t.Errorf("the file still holds an id in clear (%v)", err)
	}
	clock.Advance(20 * time.Second)
	wantStatus(t, s, record.KeyOf("john"), record.Ended, record.Idle)
}

// A file that went back to Fiber's own driver for a while, and returns: our sessions
// live on, and what the driver wrote is taken over (S7). What has ended stays ended.
func TestOpen_ReturnsFromTheStockDriver(t *testing.T) {
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	cfg.Takeover = record.Lifetime{Idle: 20 * time.Second}
	s := open(t, cfg)
	for _, id := range []string{"ours", "both", "ended"} {
		mustCreate(t, s, id, record.Lifetime{Idle: time.Hour, Absolute: time.Hour})
	}
	if _, err := s.End(context.Background(), record.KeyOf("ended"), record.Deleted); err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		stock := driver.New(driver.Config{Database: cfg.Database, Bucket: "fiber_storage", Timeout: time.Second})
		for _, id := range []string{"both", "ended", "stock"} {
			if err := stock.Set(id, fmt.Appendf(nil, "%s of stock, %d", id, round), 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := stock.Close(); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Second)
		s = open(t, cfg)
		wantValue(t, s, "ours", "value of ours")
		wantValue(t, s, "both", fmt.Sprintf("both of stock, %d", round))
		wantValue(t, s, "stock", fmt.Sprintf("stock of stock, %d", round))
		wantStatus(t, s, record.KeyOf("ended"), record.Ended, record.Deleted)
		if r := s.Peek(record.KeyOf("both")); r.AbsoluteRemaining > time.Hour-time.Second {
			t.Errorf("absolute timeout in %v; want it kept", r.AbsoluteRemaining)
		}
	}
	if names, _ := filepath.Glob(cfg.Database + ".damaged-*"); len(names) != 0 {
		t.Errorf("taken for damaged: %v", names)
	}
}

// A driver that opened the file and wrote nothing has not damaged it either.
func TestOpen_OpenedByTheStockDriver(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	s := open(t, cfg)
	k := mustCreate(t, s, "a", idle20)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := driver.New(driver.Config{Database: cfg.Database, Bucket: "fiber_storage", Timeout: time.Second}).Close(); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, open(t, cfg), k, record.Live, record.NoReason)
}

func TestOpen_RefusesForeignBuckets(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	stock := driver.New(driver.Config{Database: cfg.Database, Bucket: "somebody_elses", Timeout: time.Second})
	_ = stock.Set("k", []byte("v"), 0)
	_ = stock.Close()
	before, _ := os.ReadFile(cfg.Database)
	if _, err := storage.Open(cfg); !errors.Is(err, storage.ErrForeign) {
		t.Fatalf("Open = %v; want ErrForeign", err)
	}
	if after, _ := os.ReadFile(cfg.Database); !bytes.Equal(before, after) {
		t.Error("Open changed a file it refused")
	}
}

func TestOpen_Reset(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	s := open(t, cfg)
	k := mustCreate(t, s, "a", idle20)
	cfg.Reset = true
	s = reopen(t, s, cfg)
	if got := s.Peek(k).State; got == record.Live {
		t.Errorf("Peek = status %v; want not live", got)
	}
}

func TestOpen_FileModes(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	open(t, cfg)
	for _, path := range []string{cfg.Database, cfg.Database + ".lock"} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode of %s = %v, %v; want 0600", path, info.Mode().Perm(), err)
		}
	}
}

func TestOpen_SecondOwnerIsRefusedByName(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	s := open(t, cfg)
	mustCreate(t, s, "a", idle20)
	cfg.Timeout = 50 * ms
	_, err := storage.Open(cfg)
	want := fmt.Sprintf("session file %q is used by this process (%d)", cfg.Database, os.Getpid())
	if !errors.Is(err, storage.ErrInUse) || !strings.Contains(err.Error(), want) {
		t.Errorf("Open = %v; want %s", err, want)
	}
	wantValue(t, s, "a", "value of a")
}

func TestOpen_StockDriverHoldsTheFile(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	stock := driver.New(driver.Config{Database: cfg.Database, Timeout: time.Second, Bucket: "fiber_storage"})
	defer func() { _ = stock.Close() }()
	cfg.Timeout = 50 * ms
	if _, err := storage.Open(cfg); !errors.Is(err, storage.ErrInUse) {
		t.Errorf("Open = %v; want ErrInUse", err)
	}
}

func TestOpen_ImpossibleConfig(t *testing.T) {
	for name, change := range map[string]func(*storage.Config){
		"negative cap":   func(c *storage.Config) { c.MaxSessions = -1 },
		"long flush":     func(c *storage.Config) { c.FlushInterval = 2 * time.Second },
		"negative sweep": func(c *storage.Config) { c.SweepInterval = -1 },
	} {
		cfg := testConfig(t, testkit.NewClock())
		change(&cfg)
		if _, err := storage.Open(cfg); !errors.Is(err, storage.ErrConfig) {
			t.Errorf("Open with %s = %v; want ErrConfig", name, err)
		}
	}
}

func TestNew_PanicsWithTheReason(t *testing.T) {
	defer func() {
		if p := recover(); p == nil {
			t.Error("New did not panic")
		}
	}()
	storage.New(storage.Config{Database: t.TempDir() + "/missing/sessions.db"})
}

func TestBackup_IsOneMomentAndNothingComesBack(t *testing.T) {
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	s := open(t, cfg)
	kept, gone := mustCreate(t, s, "kept", idle20), mustCreate(t, s, "gone", idle20)
	later := mustCreate(t, s, "later", idle20)
	_, _ = s.End(context.Background(), gone, record.Deleted)
	clock.Advance(10 * time.Second)
	s.Refresh(kept)
	var backup bytes.Buffer
	if n, err := s.Backup(context.Background(), &backup); err != nil || n != int64(backup.Len()) {
		t.Fatalf("Backup = %d, %v; want %d, nil", n, err, backup.Len())
	}
	_, _ = s.End(context.Background(), later, record.Deleted)

	restore := func(accept bool) *storage.Storage {
		cfg := testConfig(t, clock)
		cfg.AcceptBackup = accept
		if err := os.WriteFile(cfg.Database, backup.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return open(t, cfg)
	}
	safe := restore(false)
	for _, k := range []record.Key{kept, gone, later} {
		if got := safe.Peek(k).State; got != record.Ended {
			t.Errorf("restored: Peek = status %v; want Ended", got)
		}
	}
	accepted := restore(true)
	wantStatus(t, accepted, gone, record.Ended, record.Deleted)
	if r := accepted.Peek(kept); r.Remaining != 20*time.Second {
		t.Errorf("accepted: %v left; want 20s", r.Remaining)
	}
	clock.Advance(20 * time.Second)
	wantStatus(t, accepted, kept, record.Ended, record.Idle)
}

// Open counts what it left out, so that a command that opens the file to clear it
// can print the result.
func TestRestart_CountsDropped(t *testing.T) {
	clock := testkit.NewClock()
	cfg := testConfig(t, clock)
	s := open(t, cfg)
	mustCreate(t, s, "a", idle20)
	mustCreate(t, s, "b", idle20)
	mustCreate(t, s, "c", record.Lifetime{Idle: time.Hour})
	if n := s.Stats().Dropped; n != 0 {
		t.Errorf("Dropped of a new file = %d; want 0", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	if n := open(t, cfg).Stats().Dropped; n != 2 {
		t.Errorf("Dropped = %d; want 2", n)
	}
}
