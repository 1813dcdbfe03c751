package disk

import (
	"path/filepath"
	"testing"
)

func TestIsRemote_LocalAndMissing(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing")} {
		if kind, remote := IsRemote(path); remote || kind != "" {
			t.Errorf("IsRemote(%q) = %q, %v; want a local folder", path, kind, remote)
		}
	}
}
