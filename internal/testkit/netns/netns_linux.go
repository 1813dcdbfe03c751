package netns

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A Namespace has network interfaces and addresses of its own.
type Namespace struct {
	Name string
	in   int // its file descriptor
}

// New makes a namespace, which is removed when the test ends. Its name has to be unique in
// the process. Outside of CI the test is skipped where that is not allowed.
func New(t testing.TB, name string) *Namespace {
	t.Helper()
	removeAbandoned()
	n := &Namespace{Name: fmt.Sprintf("pagesession-%d-%s", os.Getpid(), name)}
	if out, err := exec.Command("ip", "netns", "add", n.Name).CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("ip netns add in CI: %v\n%s", err, out)
		}
		t.Skipf("network namespaces need root and ip of iproute2: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("ip", "netns", "del", n.Name).CombinedOutput(); err != nil {
			t.Errorf("ip netns del: %v\n%s", err, out)
		}
	})
	fd, err := unix.Open("/run/netns/"+n.Name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatalf("open the namespace: %v", err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	n.in = fd
	return n
}

// removeAbandoned removes the namespaces of tests that were killed: their names have the number of a
// process that has ended.
func removeAbandoned() {
	names, _ := filepath.Glob("/run/netns/pagesession-*-*") // the pattern is right
	for _, path := range names {
		name := filepath.Base(path)
		if pid, err := strconv.Atoi(strings.Split(name, "-")[1]); err == nil && errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
			_ = exec.Command("ip", "netns", "del", name).Run() // another test may remove it, too
		}
	}
}

// IP runs commands of ip in the namespace, one a line.
func (n *Namespace) IP(t testing.TB, lines string) {
	t.Helper()
	cmd := exec.Command("ip", "-n", n.Name, "-batch", "-")
	cmd.Stdin = strings.NewReader(lines + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ip -n %s: %v\n%s\n%s", n.Name, err, lines, out)
	}
}

// Do runs f in the namespace: sockets and processes that f makes are in it for good. f must
// make them in its own goroutine.
func (n *Namespace) Do(f func() error) error {
	runtime.LockOSThread() // a namespace belongs to a thread
	own, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open the thread's namespace: %w", err)
	}
	defer unix.Close(own)
	if err := unix.Setns(n.in, unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter the namespace: %w", err)
	}
	defer func() {
		if unix.Setns(own, unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread() // otherwise the thread ends with its goroutine
		}
	}()
	return f()
}
