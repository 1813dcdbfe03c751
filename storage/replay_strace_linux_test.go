package storage_test

import (
	"os"
	"os/exec"
	"testing"
)

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
