package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// A machine is what figures are worth nothing without.
type machine struct {
	CPU     string  `json:"cpu"`
	Cores   int     `json:"cores"`
	System  string  `json:"system"`
	Go      string  `json:"go"`
	Commit  string  `json:"commit"`
	FsyncMS float64 `json:"fsync_ms"` // median of a 4 KiB write and fsync in the bench's folder
}

// describeMachine looks at what we run on. What it cannot find out is
// "unknown"; dir is where the servers will keep their files.
func describeMachine(ctx context.Context, dir string) (machine, error) {
	fsync, err := measureFsync(dir)
	if err != nil {
		return machine{}, err
	}
	return machine{
		CPU:     cpuModel(ctx),
		Cores:   runtime.NumCPU(),
		System:  system(),
		Go:      runtime.Version(),
		Commit:  commit(ctx),
		FsyncMS: fsync,
	}, nil
}

// cpuModel is the processor's name.
func cpuModel(ctx context.Context) string {
	if runtime.GOOS == "darwin" {
		return firstOf(said(ctx, "sysctl", "-n", "machdep.cpu.brand_string"), "unknown")
	}
	data, _ := os.ReadFile("/proc/cpuinfo") // elsewhere there is none
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// system is the operating system with its kernel's release.
func system() string {
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return strings.TrimSpace(runtime.GOOS + "/" + runtime.GOARCH + " " + string(release))
}

// commit is the repository's, marked where the tree is not what it says.
func commit(ctx context.Context) string {
	id := said(ctx, "git", "rev-parse", "--short=12", "--verify", "HEAD")
	if id == "" {
		return "none"
	}
	if said(ctx, "git", "--no-optional-locks", "status", "--porcelain") != "" {
		return id + " with changes"
	}
	return id
}

// said returns what a command prints, "" where it fails or is not there.
func said(ctx context.Context, name string, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func firstOf(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// measureFsync tells how long the disk takes to make a small write durable:
// all that durable figures depend on. Memory posing as a disk shows here.
func measureFsync(dir string) (float64, error) {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		return 0, fmt.Errorf("measure fsync: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	block := make([]byte, 4096)
	var times []float64
	for range 50 {
		began := time.Now()
		if _, err := f.Write(block); err != nil {
			return 0, fmt.Errorf("measure fsync: %w", err)
		}
		if err := f.Sync(); err != nil {
			return 0, fmt.Errorf("measure fsync: %w", err)
		}
		times = append(times, time.Since(began).Seconds()*1e3)
	}
	return median(times), nil
}
