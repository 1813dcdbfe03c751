//go:build unix

package redis

import (
	"syscall"
	"testing"
)

const stop, proceed = syscall.SIGSTOP, syscall.SIGCONT

func (s *Server) signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(s.pid, sig); err != nil {
		t.Fatalf("signal Redis: %v", err)
	}
}
