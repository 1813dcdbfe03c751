package app

import (
	"log/slog"
	"os"
	"strings"
	"testing"
)

// The owner of a folder can put links in place of the files, so another user's gets a
// warning. It is no error: a container's user may have another number on its host.
func TestDataDir_AnotherOwner(t *testing.T) {
	dir := t.TempDir()
	for owner, want := range map[int]bool{os.Geteuid(): false, 54321: true} {
		if err := os.Chown(dir, owner, -1); err != nil {
			t.Skipf("%v: needs root", err)
		}
		var log strings.Builder
		if err := dataDir(dir, slog.New(slog.NewTextHandler(&log, nil))); err != nil {
			t.Fatal(err)
		}
		if warned := strings.Contains(log.String(), "belongs to another user"); warned != want {
			t.Errorf("folder of user %d: log %q; want a warning: %t", owner, log.String(), want)
		}
	}
}
