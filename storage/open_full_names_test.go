package storage_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pagesession/internal/testkit"
	"pagesession/storage"
)

// While the disk has no room, each start finds the same damaged file. It has a second name
// already.
func TestOpenFull_DamagedIsKeptOnce(t *testing.T) {
	cfg, f := fullConfig(t, testkit.NewClock())
	damage(t, cfg)
	for range 3 {
		f.arm(noFresh())
		s, err := storage.Open(cfg)
		must(t, err)
		_ = s.Close() // the file is detached
	}
	if names, _ := filepath.Glob(cfg.Database + ".damaged-*"); len(names) != 1 {
		t.Errorf("the damaged file has the names %v; want one", names)
	}
}

// A start that is told to stop while it fills the index leaves the damaged file, and
// nothing else.
func TestOpenFull_StoppedLeavesOneName(t *testing.T) {
	cfg, f := fullConfig(t, testkit.NewClock())
	damage(t, cfg)
	before := namesIn(t, filepath.Dir(cfg.Database))
	ctx, cancel := context.WithCancel(t.Context())
	plan := noFresh()
	f.arm(func(n int, path string) fault {
		fails := plan(n, path)
		if fails == firstSync {
			cancel()
		}
		return fails
	})
	if _, err := storage.OpenContext(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Fatalf("OpenContext, stopped = %v; want %v", err, context.Canceled)
	}
	if after := namesIn(t, filepath.Dir(cfg.Database)); !slices.Equal(after, before) {
		t.Errorf("the folder has %v; want %v", after, before)
	}
}

// damage makes a session file that a start finds damaged.
func damage(t *testing.T, cfg storage.Config) {
	t.Helper()
	s := open(t, cfg)
	mustCreate(t, s, "id", idle20)
	must(t, s.Close())
	content := readFile(t, cfg.Database)
	for i := range content[:4096] {
		content[i] ^= 0x55
	}
	writeFile(t, cfg.Database, content)
}

func namesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	must(t, err)
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}
