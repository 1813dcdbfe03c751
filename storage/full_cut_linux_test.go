package storage_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pagesession/internal/testkit"
	"pagesession/storage"
	"pagesession/storage/record"
)

// The storage cuts a file itself, where the disk has no room for what bbolt has grown
// it by. That is not the work of another program.
func TestFull_OwnCutIsNotForeign(t *testing.T) {
	t.Run("at a start in place", func(t *testing.T) {
		cfg, f := fullConfig(t, testkit.NewClock())
		cfg.Database = filepath.Join(mountTmpfs(t, "4m"), "sessions.db")
		s := open(t, cfg)
		k := mustCreate(t, s, "id", idle20)
		must(t, s.Close())
		must(t, os.Truncate(cfg.Database, 64<<20)) // with a hole
		f.arm(noFresh())
		s = open(t, cfg)
		wantNotDetached(t, s)
		wantStatus(t, s, k, record.Live, record.NoReason)
	})
	t.Run("at a full disk", func(t *testing.T) {
		cfg := testConfig(t, testkit.NewClock())
		cfg.Database = filepath.Join(mountTmpfs(t, "4m"), "sessions.db")
		s := open(t, cfg)
		info, err := os.Stat(cfg.Database)
		must(t, err)
		must(t, os.Truncate(cfg.Database, info.Size()+1<<20)) // as bbolt does
		wantNotDetached(t, s)
		_ = os.WriteFile(filepath.Join(filepath.Dir(cfg.Database), "filler"), make([]byte, 8<<20), 0o600)
		for i := 0; err == nil; i++ {
			err = s.Create(context.Background(), record.KeyOf(fmt.Sprint(i)), make([]byte, 32<<10), idle20)
		}
		if !errors.Is(err, storage.ErrFull) {
			t.Fatalf("Create on a full disk = %v; want ErrFull", err)
		}
		wantNotDetached(t, s)
		if after, err := os.Stat(cfg.Database); err != nil || after.Size() > info.Size() {
			t.Errorf("the file was not cut: %v, %v", after.Size(), err)
		}
	})
}

// wantNotDetached flushes, which checks the file.
func wantNotDetached(t *testing.T, s *storage.Storage) {
	t.Helper()
	err := s.Sync(context.Background())
	if st := s.Stats().File; st.State == storage.FileDetached || errors.Is(err, storage.ErrUnavailable) {
		t.Fatalf("Sync = %v, the file is %v: %v; want it not detached", err, st.State, st.Cause)
	}
}

// mountTmpfs makes and mounts a small disk.
func mountTmpfs(t *testing.T, size string) (dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("not root: no file system can be mounted")
	}
	dir = t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("mounts are not allowed here: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	return dir
}
