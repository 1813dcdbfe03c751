package storage

import (
	"os"
	"path/filepath"
	"testing"
)

// On Windows too, a process knows the file that it has put at the name, so that its next
// attempt replaces it. If the rename failed, it knows the one that was there.
func TestOwnFiles_RenameClosed(t *testing.T) {
	for name, from := range map[string]string{"renamed": "sessions.db.new", "not renamed": "missing"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "sessions.db")
			for _, file := range []string{path, filepath.Join(dir, "sessions.db.new")} {
				if err := os.WriteFile(file, []byte(file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var own ownFiles
			if err := own.open(path); err != nil {
				t.Fatal(err)
			}
			defer own.close()
			if err := own.renameClosed(filepath.Join(dir, from), path); (err == nil) != (name == "renamed") {
				t.Errorf("renameClosed = %v", err)
			}
			if info, err := os.Lstat(path); err != nil || !own.has(info) {
				t.Errorf("the file at the name is taken for another program's (%v)", err)
			}
		})
	}
}
