//go:build unix

package image_test

import (
	"fmt"
	"os"
	"syscall"
	"testing"
)

// describe returns the mode and the owner of a file.
func describe(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	return fmt.Sprintf("%v %d:%d", info.Mode(), owner.Uid, owner.Gid)
}
