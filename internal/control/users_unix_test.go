//go:build unix

package control

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A pipe without a writer is refused at once.
func TestDjangoFile_PipeIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	checked := make(chan error, 1)
	go func() { checked <- DjangoFile{Path: path}.check() }()
	select {
	case err := <-checked:
		if err == nil || !strings.Contains(err.Error(), "is not a regular file") {
			t.Errorf("check = %v; want that it is not a regular file", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("check waits for somebody to write into the pipe")
		if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil { // lets it go
			_ = f.Close()
		}
	}
}
