package report

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/host"
)

// A Machine describes where figures were taken.
type Machine struct {
	CPU     string  `json:"cpu"`
	Cores   int     `json:"cores"`
	System  string  `json:"system"`
	Go      string  `json:"go"`
	Commit  string  `json:"commit"`
	FsyncMS float64 `json:"fsync_ms"` // median of a 4 KiB write and fsync in the bench's folder
}

// Describe returns this machine, with the fsync of the disk that dir is on.
func Describe(ctx context.Context, dir string) (Machine, error) {
	fsync, err := measureFsync(dir)
	if err != nil {
		return Machine{}, fmt.Errorf("measure fsync: %w", err)
	}
	model := "unknown"
	if all, err := cpu.InfoWithContext(ctx); err == nil && len(all) > 0 {
		model = strings.TrimSpace(all[0].ModelName)
	}
	kernel, _ := host.KernelVersionWithContext(ctx)
	return Machine{
		CPU: model, Cores: runtime.NumCPU(), System: strings.TrimSpace(runtime.GOOS + "/" + runtime.GOARCH + " " + kernel),
		Go: runtime.Version(), Commit: commit(ctx), FsyncMS: fsync,
	}, nil
}

func (m Machine) String() string {
	return fmt.Sprintf("%s, %d cores, %s, %s, commit %s, fsync %.2f ms", m.CPU, m.Cores, m.System, m.Go, m.Commit, m.FsyncMS)
}

// Where returns OnDisk, or InMemory where an fsync takes less than any disk needs.
func (m Machine) Where() string {
	if m.FsyncMS < 0.02 {
		return InMemory
	}
	return OnDisk
}

// commit returns the repository's commit, marked if the tree has changes, or "none".
func commit(ctx context.Context) string {
	id := output(ctx, "git", "rev-parse", "--short=12", "--verify", "HEAD")
	if id == "" {
		return "none"
	}
	if output(ctx, "git", "--no-optional-locks", "status", "--porcelain") != "" {
		return id + " with changes"
	}
	return id
}

// output returns what a command prints, "" if it fails or is missing.
func output(ctx context.Context, name string, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// measureFsync returns how long a small durable write takes, in milliseconds.
func measureFsync(dir string) (float64, error) {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	block := make([]byte, 4096)
	var times []float64
	for range 50 {
		began := time.Now()
		_, err := f.Write(block)
		if err := errors.Join(err, f.Sync()); err != nil {
			return 0, err
		}
		times = append(times, time.Since(began).Seconds()*1e3)
	}
	return Median(times), nil
}
