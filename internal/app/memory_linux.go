package app

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
)

// memoryLimit returns how many bytes of memory the process's cgroup allows, 0: no
// limit, and keeps the heap a tenth below that, unless GOMEMLIMIT says what it may be.
func memoryLimit() int64 {
	limit := cgroupLimit("/proc/self/cgroup", "/sys/fs/cgroup")
	if limit > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit / 10 * 9)
	}
	return limit
}

// cgroupLimit returns the smallest limit of the cgroup that the file names and of
// those above it, of version 1 or 2.
func cgroupLimit(self, root string) (limit int64) {
	b, _ := os.ReadFile(self) // without it there is no cgroup
	for line := range strings.Lines(string(b)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) < 3 {
			continue
		}
		dir, name := "", ""
		switch fields[1] {
		case "":
			dir, name = root, "memory.max"
		case "memory":
			dir, name = filepath.Join(root, "memory"), "memory.limit_in_bytes"
		default:
			continue
		}
		for group := fields[2]; ; group = filepath.Dir(group) {
			if n := limitIn(filepath.Join(dir, group, name)); n > 0 && (limit == 0 || n < limit) {
				limit = n
			}
			if group == "/" || group == "." {
				break
			}
		}
	}
	return limit
}

// limitIn reads one limit; 0: none. Version 1 writes no limit as a huge one.
func limitIn(path string) int64 {
	const none = 1 << 60
	b, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err != nil || n >= none {
		return 0
	}
	return n
}
