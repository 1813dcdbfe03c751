package file

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// unmapRead takes the pages of a mapped file out of this process's memory. bbolt reads all of
// them when it opens a file as it is, and they would count as the process's until the system
// needs their room. They stay in the system's cache, and come back one by one when they are
// read again.
func unmapRead(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return err
	}
	defer func() { _ = maps.Close() }()
	inode := fmt.Sprint(info.Sys().(*syscall.Stat_t).Ino)
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		if from, to, ok := mapOf(lines.Text(), inode); ok {
			if _, _, errno := syscall.Syscall(syscall.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED); errno != 0 {
				return errno
			}
		}
	}
	return nil
}

// mapOf returns the addresses in a line of /proc/self/maps about a shared, read-only map of the
// file with an inode, such as "7f00-7f80 r--s 00000000 fe:00 1234   /data/sessions.db".
func mapOf(line, inode string) (from, to uintptr, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 6 || fields[1] != "r--s" || fields[4] != inode {
		return 0, 0, false
	}
	n, err := fmt.Sscanf(fields[0], "%x-%x", &from, &to)
	return from, to, n == 2 && err == nil && from < to
}
