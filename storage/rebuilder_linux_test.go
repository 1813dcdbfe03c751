package storage_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
)

// An attempt whose file got its name and then failed leaves no file open that the
// next one has replaced: that would take room on the disk.
func TestDetached_AttemptsPinNoFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, f := faultyConfig(t, testkit.NewClock())
		s := open(t, cfg)
		mustCreate(t, s, "id", idle20)
		attempts := 0
		detach(t, s, f, func(n int, path string) fault {
			if isFresh(path) {
				return noFault
			}
			attempts++
			return firstSync
		})
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if pinned := removedOpen(t, cfg.Database); attempts < 5 || len(pinned) > 0 {
			t.Errorf("after %d attempts these are open: %v; want none that was replaced", attempts, pinned)
		}
		f.disarm()
		waitForFile(t, s)
	})
}

// removedOpen returns the files of that path that are open and have no name any more.
func removedOpen(t *testing.T, path string) (open []string) {
	t.Helper()
	fds, err := filepath.Glob("/proc/self/fd/*")
	must(t, err)
	for _, fd := range fds {
		if name, _ := os.Readlink(fd); strings.HasPrefix(name, path) && strings.HasSuffix(name, "(deleted)") {
			open = append(open, name)
		}
	}
	return open
}
