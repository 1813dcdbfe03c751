package account_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pagesession/internal/account"
)

// faultEnv makes the test binary the child of TestFile_FailingCalls. Its value is the path
// of the file.
const faultEnv = "PAGESESSION_TEST_ACCOUNTS_FAULTS"

// faultTimeEnv is how long the child tries each group.
const faultTimeEnv = "PAGESESSION_TEST_ACCOUNTS_FAULTS_TIME"

// faultGroups is how many groups the child adds.
const faultGroups = 6

// faultChild adds groups, each until it is answered as done.
func faultChild(path string) error {
	runtime.LockOSThread() // strace counts for each thread
	s, err := account.Open(context.Background(), account.Config{Path: path, Logger: discard}.Cheap())
	if err != nil {
		return err
	}
	patience, err := time.ParseDuration(os.Getenv(faultTimeEnv))
	if err != nil {
		return err
	}
	for i := range faultGroups {
		if err := untilDone(s, fmt.Sprint("group", i), patience); err != nil {
			return err
		}
	}
	return nil
}

// untilDone tries for a while. A name that is taken was added by a try that failed.
func untilDone(s *account.Store, name string, patience time.Duration) error {
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		_, err := s.CreateGroup(context.Background(), cli, account.Group{Name: name})
		switch {
		case err == nil:
			fmt.Println("done", name)
			return nil
		case !errors.Is(err, account.ErrUnavailable) && !errors.Is(err, account.ErrFull):
			return fmt.Errorf("%s: %w", name, err)
		case time.Now().After(end):
			return fmt.Errorf("%s does not go on: %w", name, err)
		}
		fmt.Println("refused", name)
	}
}

// A call of the system that fails once refuses a change, or none. What was refused is not
// done, what was answered is there, and everything goes on without a restart.
func TestFile_FailingCalls(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("no strace here")
	}
	var refused atomic.Int64
	t.Run("calls", func(t *testing.T) {
		for call, most := range map[string]int{"fdatasync": 12, "fsync": 12, "pwrite64": 24, "ftruncate": 6, "pread64": 40} {
			for _, problem := range []string{"EIO", "ENOSPC"} {
				for when := 1; when <= most; when += 1 + most/6 {
					t.Run(fmt.Sprint(call, problem, when), func(t *testing.T) {
						t.Parallel()
						refused.Add(int64(failingCall(t, call, problem, when)))
					})
				}
			}
		}
	})
	if refused.Load() == 0 {
		t.Error("no change was refused; this tests nothing")
	}
}

func failingCall(t *testing.T, call, problem string, when int) (refused int) {
	t.Helper()
	what := fmt.Sprintf("%s %d fails with %s", call, when, problem)
	path := filepath.Join(t.TempDir(), "accounts.sqlite")
	b := openWith(t, account.Config{Path: path, Logger: discard}.Cheap(), nil)
	b.superuser("root")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := runFaults(path, fmt.Sprintf("%s:error=%s:when=%d", call, problem, when), "20s")
	if err != nil {
		t.Errorf("%s: %v:\n%s", what, err, out)
	}
	b = openWith(t, b.cfg, nil)
	for i := range faultGroups {
		if _, err := b.GroupByName(t.Context(), fmt.Sprint("group", i)); err != nil {
			t.Errorf("%s: group%d was answered: %v", what, i, err)
		}
	}
	checkWhole(t, b.Store)
	return strings.Count(string(out), "refused ")
}

// runFaults runs the child with calls that fail as strace's inject says.
func runFaults(path, inject, patience string) ([]byte, error) {
	child := exec.Command("strace", "-f", "-qq", "-o", os.DevNull, "-P", path, "-P", path+"-wal", "-e", "inject="+inject, os.Args[0])
	child.Env = append(os.Environ(), faultEnv+"="+path, faultTimeEnv+"="+patience)
	return child.CombinedOutput()
}

// A disk that goes on failing to read is no damage: the file stays in its place, and all is
// there when the disk is well again. SQLite calls such a file malformed.
func TestFile_DiskGoesOnFailing(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("no strace here")
	}
	for i := range 16 { // often, because each thread of the child counts its own calls
		inject := fmt.Sprintf("pread64:error=%s:when=%d+", []string{"EIO", "ENXIO"}[i%2], 4+i/2%2)
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			goesOnFailing(t, inject)
		})
	}
}

func goesOnFailing(t *testing.T, inject string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "accounts.sqlite")
	b := openWith(t, account.Config{Path: path, Logger: discard}.Cheap(), nil)
	b.superuser("root")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if out, err := runFaults(path, inject, "500ms"); err == nil {
		t.Errorf("%s: everything went well:\n%s", inject, out)
	}
	if moved, _ := filepath.Glob(path + ".damaged-*"); len(moved) > 0 {
		t.Fatalf("%s: there is %q", inject, moved)
	}
	b = openWith(t, b.cfg, nil)
	if _, err := b.UserByName(t.Context(), "root"); err != nil {
		t.Errorf("%s: afterwards: %v", inject, err)
	}
	checkWhole(t, b.Store)
}
