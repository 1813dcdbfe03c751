package account_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pagesession/internal/account"
)

// failTries is how many changes failChild tries.
const failTries = 6

// failChild prints the answer to each change, and whether readers see the change.
func failChild(path string) error {
	runtime.LockOSThread() // strace counts for each thread
	s, err := account.Open(context.Background(), account.Config{Path: path})
	if err != nil {
		return err
	}
	for i := range failTries {
		name := fmt.Sprint("group", i)
		_, err := s.CreateGroup(context.Background(), cli, account.Group{Name: name})
		_, missing := s.GroupByName(context.Background(), name)
		fmt.Println(err == nil, errors.Is(err, account.ErrUnavailable), missing == nil)
	}
	return nil
}

// After a failed sync the content of the disk is unknown. The store refuses changes, even
// if later syncs would succeed, and readers see only answered changes.
func TestChange_FailedSyncFencesTheFile(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("no strace here")
	}
	path := filepath.Join(t.TempDir(), "accounts.db")
	s, err := account.Open(t.Context(), account.Config{Path: path})
	if err != nil || s.Close() != nil {
		t.Fatal(err)
	}
	// Each change is two syncs: the sixth is the third change's second.
	for when, want := range map[int][]string{
		5: {"true false true", "true false true", "false true false", "false true false", "false true false", "false true false"},
		6: {"true false true", "true false true", "false true false", "false true false", "false true false", "false true false"},
	} {
		file := path + fmt.Sprint(when)
		content, _ := os.ReadFile(path)
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		child := exec.Command("strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace=fdatasync",
			"-e", fmt.Sprintf("inject=fdatasync:error=EIO:when=%d", when), os.Args[0])
		child.Env = append(os.Environ(), failEnv+"="+file)
		var log strings.Builder
		child.Stderr = &log
		out, err := child.Output()
		if err != nil {
			t.Fatalf("the child: %v", err)
		}
		if got := strings.Split(strings.TrimSpace(string(out)), "\n"); !slices.Equal(got, want) {
			t.Errorf("sync %d fails: %q; want %q", when, got, want)
		}
		if strings.Count(log.String(), "accounts file failed") != 1 || !strings.Contains(log.String(), "input/output error") {
			t.Errorf("sync %d fails: the log should say so once:\n%s", when, log.String())
		}
	}
}
