//go:build unix

package disk

import (
	"io/fs"
	"os"
	"slices"
	"syscall"
)

// links returns how many names a file has.
func links(info fs.FileInfo) uint64 { return uint64(info.Sys().(*syscall.Stat_t).Nlink) }

// isOwnGroup reports whether this process is in the group of a file, as it is in the
// fsGroup of a Kubernetes pod.
func isOwnGroup(info fs.FileInfo) bool {
	group := int(info.Sys().(*syscall.Stat_t).Gid)
	more, _ := os.Getgroups() // without them only the first group counts
	return group == os.Getegid() || slices.Contains(more, group)
}
