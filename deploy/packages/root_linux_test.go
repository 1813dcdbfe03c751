package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// long bounds each command: debootstrap takes half a minute on a quiet machine.
const long = 10 * time.Minute

// debootstrap makes a small Debian with systemd in a folder, from the mirror that apt uses here.
func debootstrap(ctx context.Context, root string) error {
	targets, err := exec.CommandContext(ctx, "apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(CODENAME)|$(RELEASE)", "Created-By: Packages").Output()
	if err != nil {
		return fmt.Errorf("ask apt for its mirror: %w", err)
	}
	mirror, suite, ok := firstMirror(string(targets))
	if !ok {
		return fmt.Errorf("apt has no mirror of Debian in %q; run apt-get update", targets)
	}
	out, err := exec.CommandContext(ctx, "debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,libnss-systemd", suite, root, mirror).CombinedOutput()
	if err != nil {
		return fmt.Errorf("debootstrap %s from %s: %w\n%s", suite, mirror, err, out)
	}
	return nil
}

// firstMirror returns the first one of Debian itself: updates and security follow it. Before
// apt has a list, it does not know the origin.
func firstMirror(targets string) (mirror, suite string, ok bool) {
	for line := range strings.Lines(targets) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) == 4 && (f[0] == "Debian" || f[0] == "" && strings.HasSuffix(strings.TrimSuffix(f[1], "/"), "/debian")) {
			if suite = f[2]; suite == "" {
				suite = f[3]
			}
			return f[1], suite, true
		}
	}
	return "", "", false
}

// A root is a Debian in a folder.
type root string

// copyOf returns a root whose changes leave the first one as it is.
func copyOf(t *testing.T, base string) root {
	t.Helper()
	dir := memory(t)
	for _, name := range []string{"upper", "work"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	merged := filepath.Join(dir, "root")
	mount(t, "overlay", merged, "overlay", fmt.Sprintf("lowerdir=%s,upperdir=%s/upper,workdir=%s/work", base, dir, dir))
	return root(merged)
}

// path returns where a file of the root is.
func (r root) path(name string) string { return filepath.Join(string(r), name) }

// command returns a command inside of the root, as root.
func (r root) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/usr/bin/env", append([]string{name}, args...)...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "HOME=/root"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: string(r)}
	return cmd
}

// run runs a command inside, which has to succeed, and returns what it prints.
func (r root) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	out, err := r.command(ctx, name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// write writes a file as root.
func (r root) write(t *testing.T, name, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(r.path(name)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.path(name), []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

func (r root) read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(r.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// exists says whether a name is there, also of a link that leads nowhere.
func (r root) exists(t *testing.T, name string) bool {
	t.Helper()
	_, err := os.Lstat(r.path(name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}

// wantExist fails the test unless the names are there, or are not.
func (r root) wantExist(t *testing.T, want bool, names ...string) {
	t.Helper()
	for _, name := range names {
		if r.exists(t, name) != want {
			t.Errorf("%s is there: %v; want %v", name, !want, want)
		}
	}
}

// wantOwner fails the test unless a file has this owner, group and mode.
func (r root) wantOwner(t *testing.T, name string, uid, gid uint32, mode os.FileMode) {
	t.Helper()
	info, err := os.Lstat(r.path(name))
	if err != nil {
		t.Error(err)
		return
	}
	if of := info.Sys().(*syscall.Stat_t); of.Uid != uid || of.Gid != gid || info.Mode().Perm() != mode {
		t.Errorf("%s belongs to %d:%d with mode %o; want %d:%d, %o", name, of.Uid, of.Gid, info.Mode().Perm(), uid, gid, mode)
	}
}

// user returns the ids of the server's user; ok is false if it is missing.
func (r root) user(t *testing.T) (uid, gid uint32, ok bool) {
	t.Helper()
	for line := range strings.Lines(r.read(t, "/etc/passwd")) {
		if f := strings.Split(line, ":"); f[0] == "pagesession" {
			return number(t, f[2]), number(t, f[3]), true
		}
	}
	return 0, 0, false
}

func number(t *testing.T, s string) uint32 {
	t.Helper()
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(n)
}
