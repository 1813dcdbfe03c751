package storage_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"pagesession/internal/testkit"
	"pagesession/storage"
)

// A process that has just locked the file may not have written its number yet. A
// second process waits for the number, because its user needs to know which process
// to stop.
func TestCrash_HolderIsSlowToSayWhoItIs(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	cfg.Timeout = 20 * ms
	lock := flock.New(cfg.Database + ".lock")
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatalf("TryLock = %v, %v", ok, err)
	}
	defer func() { _ = lock.Unlock() }()
	time.AfterFunc(100*ms, func() { _ = os.WriteFile(cfg.Database+".lock", []byte("4711\n"), 0o600) })
	start := time.Now()
	_, err := storage.Open(cfg)
	if !errors.Is(err, storage.ErrInUse) || !strings.Contains(err.Error(), "process 4711") {
		t.Errorf("Open = %v; want ErrInUse and process 4711", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("Open took %v; want at most 5s", took)
	}
}
