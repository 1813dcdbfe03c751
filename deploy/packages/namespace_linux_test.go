package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// inNamespace is set in the process that may mount.
const inNamespace = "PACKAGES_TEST_MAY_MOUNT"

// TestMain runs the tests in a process whose mounts end with it, however it ends. Without root
// it runs those that need none.
func TestMain(m *testing.M) {
	if os.Getuid() != 0 || os.Getenv(inNamespace) != "" {
		os.Exit(m.Run())
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), inNamespace+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "run the tests in a mount namespace:", err)
		os.Exit(1)
	}
}

// needs skips the test unless this machine has root, mounts and these commands.
func needs(t *testing.T, commands ...string) {
	t.Helper()
	if os.Getenv(inNamespace) == "" {
		t.Skip("run this test as root: it mounts folders and makes users in a root of its own")
	}
	for _, name := range commands {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("install %s", name)
		}
	}
}

// mount mounts until the test ends.
func mount(t *testing.T, source, target, kind, options string) {
	t.Helper()
	if err := os.MkdirAll(target, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount(source, target, kind, 0, options); err != nil {
		t.Fatalf("mount %s at %s: %v", kind, target, err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(target, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", target, err)
		}
	})
}

// memory returns a folder in memory whose files may be programs and devices.
func memory(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "memory")
	mount(t, "tmpfs", dir, "tmpfs", "size=2g,mode=0755")
	return dir
}
