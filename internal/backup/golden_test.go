package backup_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"pagesession/internal/backup"
)

var update = flag.Bool("update", false, "write the golden file of the newest format")

// A backup that the first version with this format wrote is restored.
func TestFormat1(t *testing.T) {
	path := filepath.Join("testdata", "format-1.tar")
	if *update {
		content, err := os.ReadFile(newFolder(t, "ada", "eve").backedUp())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := backup.ReadManifest(path)
	if err != nil || m.Format != 1 || m.Program != "v1.2.3" {
		t.Fatalf("ReadManifest = %+v, %v; want format 1 of v1.2.3", m, err)
	}
	f := newFolder(t)
	if done, err := f.restore(path); err != nil || done.Users != 2 || f.users() != "ada eve" || f.read("settings.env") != settings {
		t.Errorf("restore = %+v, %v; want ada, eve and the settings", done, err)
	}
}
