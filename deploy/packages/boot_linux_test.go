package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// checkService runs check.sh, whose output systemd passes on, and ends the machine.
const checkService = `[Service]
Type=oneshot
ExecStart=/opt/check.sh
ExecStopPost=/bin/systemctl poweroff --force --force
StandardOutput=file:/opt/log
StandardError=inherit
`

// debBoot has systemd itself run the package, in a machine of systemd-nspawn with a network of
// its own.
func debBoot(t *testing.T, f *fixture) {
	r := copyOf(t, f.base)
	script, err := os.ReadFile("testdata/check.sh")
	if err != nil {
		t.Fatal(err)
	}
	r.write(t, "/opt/check.sh", string(script), 0o755)
	r.write(t, "/etc/systemd/system/check.service", checkService, 0o644)
	r.copyTo(t, "/opt/pagesession", filepath.Join(f.newer, "linux-"+runtime.GOARCH, "pagesession"))
	r.copyTo(t, "/opt/pagesession.service", "../pagesession.service")
	r.copyTo(t, "/opt/older/older.deb", filepath.Join(f.older, debFile(packageVersion(olderVersion), runtime.GOARCH)))
	r.copyTo(t, "/opt/newer/newer.deb", filepath.Join(f.newer, debFile(packageVersion(newerVersion), runtime.GOARCH)))
	out := r.boot(t)
	if log := r.read(t, "/opt/log"); !strings.HasSuffix(log, "\npassed\n") {
		t.Errorf("check.sh failed after:\n%s\nthe machine said:\n%s", log, out)
	}
}

// copyTo copies a file into the root.
func (r root) copyTo(t *testing.T, to, from string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	r.write(t, to, string(b), 0o755)
}

// boot starts the root's systemd with check.service, waits for its end, and returns what it says.
func (r root) boot(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long/2)
	defer cancel()
	cmd := exec.CommandContext(ctx, "systemd-nspawn", "--quiet", "--directory="+string(r), fmt.Sprintf("--machine=packages-%d", os.Getpid()),
		"--register=no", "--keep-unit", "--private-network", "--console=pipe", "--boot", "--", "--unit=check.service")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	cleanGroups(t)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("systemd-nspawn: %v", err)
	}
	return string(out)
}

// cleanGroups removes, at the end, the control groups that systemd-nspawn leaves behind.
func cleanGroups(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		for _, name := range []string{"payload", "supervisor"} {
			groups, _ := filepath.Glob("/sys/fs/cgroup/*/" + name) // the pattern is right
			for _, group := range groups {
				// rmdir removes only groups without a process.
				_ = exec.Command("find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+").Run()
			}
		}
	})
}
