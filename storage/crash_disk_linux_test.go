package storage_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"pagesession/storage"
)

// A disk that fails: strace makes system calls of a child return an error.

// needStrace skips a test where strace is missing, unless this is CI.
func needStrace(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("strace is missing, and this is CI")
	}
	t.Skip("strace is missing: no system call can be recorded or made to fail")
}

// failing runs a child whose calls fail as inject says, until enough has been
// seen of it, and returns what it was promised and when it stopped.
func failing(t *testing.T, path, inject string, seed uint64, enough func(*op) bool) (*ledger, time.Duration) {
	t.Helper()
	p := startChild(t, path, seed, 8, "strace", "-f", "-o", "/dev/null", "-e", "signal=none",
		"-e", "trace=fdatasync,pwrite64", "-e", "inject="+inject)
	l := newLedger()
	if _, ok := p.found(); !ok {
		t.Fatalf("the child did not start: %s", p.stderr.String())
	}
	p.tell("go")
	for deadline := time.Now().Add(10 * time.Second); ; {
		at, words := p.next()
		if words == nil || time.Now().After(deadline) {
			t.Fatalf("%s: the child stopped too early: %s", inject, p.stderr.String())
		}
		e, ok := parseEvent(at, words)
		if !ok {
			continue
		}
		l.apply(e)
		if o := l.ops[e.n]; o.answer != "" && enough(o) {
			break
		}
	}
	_ = p.in.Close() // then it exits, and strace with it
	p.drain(l)
	_ = p.cmd.Wait()
	return l, storage.SystemClock().Boot()
}

// judgeNext opens the file as the next process does.
func judgeNext(t *testing.T, l *ledger, path, what string, stopped time.Duration) {
	t.Helper()
	cfg := childConfig(path, storage.SystemClock())
	s := open(t, cfg)
	l.settle(stopped, look(s, cfg.Clock))
	for _, f := range l.faults {
		t.Errorf("%s: %s", what, f)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// When the N-th fsync fails, nothing that was answered before is lost. Changes
// are refused from then on; refreshes go on. What of the failed commit the disk
// holds is unknown, as ErrUnavailable says.
func TestCrash_FailedFsync(t *testing.T) {
	needStrace(t)
	seed := newSeed(t)
	opening, refreshed := 6, 0 // fsyncs before the child is ready; refreshes after the failure
	for n := 1; n <= sized(50, 200); n++ {
		what := fmt.Sprintf("fdatasync:error=EIO:when=%d%s", opening+n, []string{"", "+"}[n%2])
		path := filepath.Join(memoryDir(t), "sessions.db")
		refused, failed := 0, time.Duration(0)
		l, stopped := failing(t, path, what, seed+uint64(n), func(o *op) bool {
			switch {
			case o.answer == "err":
				if refused++; refused == 1 {
					failed = o.answered
				}
			case refused == 0 || o.asked < failed || o.answer != "yes":
			case o.verb == "refresh":
				refreshed++
			default:
				t.Errorf("%s: %s was accepted after the file had failed", what, o.verb)
			}
			return refused > 100
		})
		for _, o := range l.ops {
			if o.answer == "err" {
				o.settle("", stopped)
			}
		}
		judgeNext(t, l, path, what, stopped)
	}
	if refreshed == 0 {
		t.Error("no refresh was answered after a file had failed")
	}
}

// While the disk is full changes are refused and leave nothing behind; when it
// has room again they are accepted again, by the same process.
func TestCrash_DiskFull(t *testing.T) {
	needStrace(t)
	seed := newSeed(t)
	for n := range sized(10, 100) {
		first := 30 + 7*n // which write fails first
		what := fmt.Sprintf("pwrite64:error=ENOSPC:when=%d..%d", first, first+5+n)
		path := filepath.Join(memoryDir(t), "sessions.db")
		refused, accepted := 0, 0
		l, stopped := failing(t, path, what, seed+uint64(n), func(o *op) bool {
			if o.answer == "err" {
				refused++
			}
			if refused > 0 && o.answer == "yes" && o.verb == "create" {
				accepted++
			}
			return accepted > 50
		})
		judgeNext(t, l, path, what, stopped)
	}
}
