package storage_test

import (
	"os"
	"os/exec"
	"testing"
)

// needStrace skips a test if strace is missing. In CI it fails instead.
func needStrace(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("strace is missing in CI; install it")
	}
	t.Skip("strace is missing; install it to record system calls or make them fail")
}
