package storage_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pagesession/storage"
	"pagesession/storage/record"
)

// allowTracing lets a process trace this one that is not its parent.
func allowTracing() { _ = unix.Prctl(unix.PR_SET_PTRACER, unix.PR_SET_PTRACER_ANY, 0, 0, 0) }

// A full disk that shows at an fsync, or memory that lacks for the map of the file,
// costs one change at most: it is refused as full, not done, and what comes a second
// later is accepted, by the same file.
func TestFull_FailedCallIsSettled(t *testing.T) {
	needStrace(t)
	for _, tc := range []struct {
		call, failure string
		when          []int // of each thread
	}{
		{"fdatasync", "ENOSPC", []int{3, 4}},
		{"fdatasync", "EDQUOT", []int{5, 6}},
		{"mmap", "ENOMEM", []int{1}},
	} {
		for _, n := range tc.when {
			t.Run(fmt.Sprint(tc.call, tc.failure, n), func(t *testing.T) {
				t.Parallel()
				failOnce(t, fmt.Sprintf("inject=%s:error=%s:when=%d", tc.call, tc.failure, n))
			})
		}
	}
}

func failOnce(t *testing.T, inject string) {
	path := filepath.Join(memoryDir(t), "sessions.db")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), fullEnv+"="+path)
	child.Stderr = os.Stderr
	in, out := pipes(t, child)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := out.ReadString('\n'); line != "ready\n" {
		t.Fatalf("the child: %q, %v", line, err)
	}
	call, _, _ := strings.Cut(strings.TrimPrefix(inject, "inject="), ":")
	tracer := attach(t, child.Process.Pid, "-P", path, "-e", "trace="+call, "-e", inject, "-o", path+".trace")
	_, _ = in.Write([]byte("go\n"))
	said, _ := io.ReadAll(out)
	if err := errors.Join(child.Wait(), tracer.Wait()); err != nil {
		t.Fatal(err)
	}
	trace := readFile(t, path+".trace")
	failed := bytes.Count(trace, []byte("INJECTED"))
	if failed == 0 {
		t.Fatalf("no call has failed:\n%s", trace)
	}
	if refused := wantSettled(t, path, said); refused > failed {
		t.Errorf("%d changes refused after %d failed calls", refused, failed)
	}
}

func pipes(t *testing.T, cmd *exec.Cmd) (io.Writer, *bufio.Reader) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	return in, bufio.NewReader(out)
}

// attach runs strace on a process and returns once it has all of its threads.
func attach(t *testing.T, pid int, args ...string) *exec.Cmd {
	t.Helper()
	tracer := exec.Command("strace", append([]string{"-f", "-qq", "-p", fmt.Sprint(pid)}, args...)...)
	if err := tracer.Start(); err != nil {
		t.Fatal(err)
	}
	tasks := fmt.Sprintf("/proc/%d/task/*/status", pid)
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(ms) {
		free := 0
		names, _ := filepath.Glob(tasks)
		for _, name := range names {
			if b, _ := os.ReadFile(name); bytes.Contains(b, []byte("TracerPid:\t0\n")) {
				free++
			}
		}
		if len(names) > 0 && free == 0 {
			return tracer
		}
	}
	t.Fatal("strace does not attach")
	return nil
}

// wantSettled checks that what the child was told is what the file holds, and
// counts what was refused.
func wantSettled(t *testing.T, path string, said []byte) (refused int) {
	t.Helper()
	s := open(t, storage.Config{Database: path, Logger: testLogger(t)})
	lines := bufio.NewScanner(bytes.NewReader(said))
	i := 0
	for ; lines.Scan(); i++ {
		live := s.Peek(record.KeyOf(fullID(i))).State == record.Live
		switch answer := lines.Text(); {
		case answer == "full":
			refused++
			if live {
				t.Errorf("session %d was refused and is live", i)
			}
		case answer != "yes" || !live:
			t.Errorf("session %d: answer %q, live after a restart: %v", i, answer, live)
		}
	}
	if i != fullCalls {
		t.Errorf("%d answers; want %d", i, fullCalls)
	}
	return refused
}
