package storage_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pagesession/internal/testkit"
	"pagesession/storage"
)

// A file that needs more memory than there is stays as it is; the error says what
// would do (D17).
func TestOpen_MemoryLimit(t *testing.T) {
	cfg := testConfig(t, testkit.NewClock())
	s := open(t, cfg)
	const n = 3000
	together(n, func(i int) { mustCreate(t, s, fmt.Sprint(i), idle20) })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.MemoryLimit = 16 << 20
	_, err := storage.Open(cfg)
	if !errors.Is(err, storage.ErrMemory) || !strings.Contains(fmt.Sprint(err), "3000 sessions and needs 20 MiB, the limit is 16 MiB; raise it to 24 MiB") {
		t.Errorf("Open with 16 MiB = %v; want ErrMemory, with what would do", err)
	}
	cfg.MemoryLimit = 24 << 20
	if got := open(t, cfg).Stats().Sessions; got != n {
		t.Errorf("%d sessions with 24 MiB; want %d", got, n)
	}
}
