package file

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/internal/boltfile"
	"pagesession/internal/testkit"
	"pagesession/storage/internal/clock"
	"pagesession/storage/record"
)

// A file that cannot be used is closed again, so that its room on the disk is free when
// another one takes its place.
func TestReopen_ClosesWhatItCannotUse(t *testing.T) {
	cfg := Config{Bucket: "sessions", Wait: time.Second, MaxSize: 1 << 30, Line: clock.NewTimeline(testkit.NewClock(), nil)}
	path := filepath.Join(t.TempDir(), "sessions.db")
	if err := New(cfg, 0, record.Move{}).Build(context.Background(), path, nil, nil); err != nil {
		t.Fatal(err)
	}
	loseRoot(t, path)
	if err := New(cfg, 0, record.Move{}).Reopen(path); err == nil {
		t.Fatal("Reopen of a file without its root page = nil; want an error")
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatalf("the file is still open: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// loseRoot overwrites the page that leads to the buckets.
func loseRoot(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	m, err := boltfile.Verify(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, m.PageSize), int64(m.Root)*int64(m.PageSize)); err != nil {
		t.Fatal(err)
	}
}
