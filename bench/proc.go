package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A usage is what a process uses at one moment, as Linux tells it in /proc.
type usage struct {
	RSS     int64         // bytes in memory (VmRSS)
	Threads int           // of the operating system
	Files   int           // open descriptors, connections among them
	CPU     time.Duration // spent since its start, to 10 ms
	// Written is bytes that it made the kernel write to a disk since its
	// start: write_bytes of /proc/PID/io, whole pages, the file system's own
	// metadata left out. On a file system in memory it stays 0.
	Written int64
}

// lookAt reads a process of ours. There is no /proc but on Linux: an error.
func lookAt(pid int) (usage, error) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	status, err1 := os.ReadFile(filepath.Join(dir, "status"))
	stat, err2 := os.ReadFile(filepath.Join(dir, "stat"))
	io, err3 := os.ReadFile(filepath.Join(dir, "io"))
	files, err4 := os.ReadDir(filepath.Join(dir, "fd"))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return usage{}, fmt.Errorf("look at the server in /proc (Linux only): %w", err)
	}
	u, err := parseUsage(string(status), string(stat), string(io))
	u.Files = len(files)
	return u, err
}

// parseUsage reads the three files.
func parseUsage(status, stat, io string) (usage, error) {
	rss, err1 := procValue(status, "VmRSS")
	threads, err2 := procValue(status, "Threads")
	written, err3 := procValue(io, "write_bytes")
	spent, ok := parseStat(stat)
	if !ok {
		return usage{}, fmt.Errorf("/proc has an odd stat: %q", stat)
	}
	u := usage{RSS: rss * 1024, Threads: int(threads), CPU: spent.used, Written: written}
	return u, errors.Join(err1, err2, err3)
}

// procValue finds "name: 123" or "name: 123 kB" and returns the number.
func procValue(text, name string) (int64, error) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, name+":")
		fields := strings.Fields(rest)
		if !ok || len(fields) == 0 {
			continue
		}
		return strconv.ParseInt(fields[0], 10, 64)
	}
	return 0, fmt.Errorf("/proc has no %s", name)
}
