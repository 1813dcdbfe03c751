package storage_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// Close waits for a disk that hangs as long as a change does. The file stays locked
// until the disk answers; then it has everything.
func TestClose_OfAHungDisk(t *testing.T) {
	disk := &hungDisk{Clock: testkit.NewClock(), hung: make(chan struct{}, 1000)}
	cfg := testConfig(t, disk)
	cfg.Timeout = time.Millisecond
	cfg.Database, cfg.QueueTimeout = memoryDir(t)+"/sessions.db", 100*time.Millisecond
	s, err := storage.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	k := mustCreate(t, s, "a", idle20)
	disk.Advance(time.Second)
	s.Refresh(k)
	release := disk.hang()
	if err := s.Close(); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Close with a hung disk = %v; want ErrUnavailable", err)
	}
	if _, err := storage.Open(cfg); !errors.Is(err, storage.ErrInUse) {
		t.Errorf("Open while the disk hangs = %v; want ErrInUse", err)
	}
	release()
	eventually(t, "the file is free", func() bool { s, err = storage.Open(cfg); return err == nil })
	t.Cleanup(func() { _ = s.Close() })
	if r := s.Peek(k); r.State != record.Live || r.Remaining != 20*time.Second {
		t.Errorf("the session after that: %v, %v left; want live, 20s", r.State, r.Remaining)
	}
}

// A file that was cut off under the server does not keep Close from returning. It
// says so, or has built the file anew.
func TestClose_AfterTheFileWasCut(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	cfg.QueueTimeout = 2 * time.Second
	s, err := storage.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	k := mustCreate(t, s, "a", idle20)
	if err := os.Truncate(cfg.Database, 4096); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	err = s.Close()
	if took := time.Since(begin); took > cfg.QueueTimeout+time.Second {
		t.Errorf("Close took %v; want %v at most", took, cfg.QueueTimeout)
	}
	if err == nil {
		wantStatus(t, open(t, cfg), k, record.Live, record.NoReason)
	}
}

// A commit that hangs shows as a slow file; what comes meanwhile is answered at
// once, because it would wait in vain.
func TestHung_FileIsSlow(t *testing.T) {
	cfg, s, disk := openHung(t)
	k := mustCreate(t, s, "a", idle20)
	release := disk.hang()
	_ = s.Replace(context.Background(), k, []byte("x"), time.Hour)
	eventually(t, "slow", func() bool { return s.Stats().File.State == storage.FileSlow })
	if st := s.Stats().File; st.Path != cfg.Database || st.Since.IsZero() || !errors.Is(st.Cause, storage.ErrUnavailable) {
		t.Errorf("File = %+v; want its path, since when, and the cause", st)
	}
	begin := time.Now()
	for range 1000 {
		if err := s.Replace(context.Background(), k, []byte("x"), time.Hour); !errors.Is(err, storage.ErrUnavailable) {
			t.Fatalf("Replace = %v; want ErrUnavailable", err)
		}
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("1000 changes of a slow file took %v; want no wait", took)
	}
	if ok, err := s.End(context.Background(), k, record.Deleted); !ok || !errors.Is(err, storage.ErrNotDurable) {
		t.Errorf("End = %v, %v; want true, ErrNotDurable", ok, err)
	}
	release()
	eventually(t, "ok", func() bool { return s.Stats().File.State == storage.FileOK })
}
