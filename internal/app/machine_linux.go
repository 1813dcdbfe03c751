package app

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// machineMemory returns how many bytes of memory the process may use: those of the machine, or
// of its cgroup if that has fewer; 0 if it is unknown.
func machineMemory() int64 {
	all, limit := memoryIn("/proc/meminfo"), cgroupLimit("/proc/self/cgroup", "/sys/fs/cgroup")
	if limit > 0 && (all == 0 || limit < all) {
		return limit
	}
	return all
}

// memoryIn returns the line MemTotal of a file as /proc/meminfo; 0 without one.
func memoryIn(path string) int64 {
	b, _ := os.ReadFile(path)
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "MemTotal:" {
			kb, _ := strconv.ParseInt(f[1], 10, 64) // 0 if it is none
			return kb << 10
		}
	}
	return 0
}

// unsynchronized reports whether the kernel says that no program synchronizes its clock. It is
// false if the kernel does not say, as in some containers.
func unsynchronized() bool {
	var t unix.Timex // with Modes 0 it only asks
	state, err := unix.Adjtimex(&t)
	return err == nil && (state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0)
}
