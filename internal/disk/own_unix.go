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

// OwnerOf returns the number of the user that a file belongs to.
func OwnerOf(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

// isLent reports whether a file is root's, and of a group of this process, which is not root.
func isLent(info fs.FileInfo, uid int) bool {
	return info.Sys().(*syscall.Stat_t).Uid == 0 && uid != 0 && isOwnGroup(info)
}
