package systemd

import (
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/internal/testkit/systemd"
)

// newManager has the Service that is taken next notify it.
func newManager(t *testing.T) *systemd.Manager {
	t.Helper()
	m := systemd.New(t)
	t.Setenv("NOTIFY_SOCKET", m.Socket)
	return m
}

func TestService_Tells(t *testing.T) {
	m := newManager(t)
	s := Take(slog.New(slog.DiscardHandler))
	s.Extend(15 * time.Second)
	m.Wants("EXTEND_TIMEOUT_USEC=15000000")
	s.Reload(func() {}) // READY=1 would end the start
	s.Status("loading\nsessions")
	m.Wants("STATUS=loading sessions")
	s.Ready("serving")
	m.Wants("READY=1 STATUS=serving")
	s.Extend(time.Second)
	s.Status("serving")
	s.Beat()
	m.Wants("WATCHDOG=1")
	did := false
	s.Reload(func() { did = true })
	if usec, ok := strings.CutPrefix(m.Next(), "RELOADING=1 MONOTONIC_USEC="); !ok || !did {
		t.Errorf("a reload says %q, and reloads: %v; want the time, true", usec, did)
	} else if n, err := strconv.ParseInt(usec, 10, 64); err != nil || n <= 0 {
		t.Errorf("MONOTONIC_USEC = %q; want microseconds", usec)
	}
	m.Wants("READY=1")
	s.Stopping(7*time.Second, "stopping")
	m.Wants("STOPPING=1 STATUS=stopping EXTEND_TIMEOUT_USEC=7000000")
	s.Reload(func() {})
	s.Status("serving again")
	s.Beat()
	m.Wants("WATCHDOG=1") // and nothing before it
}

// Without systemd, or if it has gone, nothing fails.
func TestService_None(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	s := Take(slog.New(slog.DiscardHandler))
	if s != nil {
		t.Fatalf("Take() = %+v; want nil", s)
	}
	s.Extend(1)
	s.Ready("")
	s.Status("")
	s.Beat()
	did := false
	s.Reload(func() { did = true })
	s.Stopping(0, "")
	if open, err := s.Open(); !did || s.HasSocket() || len(open) > 0 || err != nil {
		t.Errorf("no service: reloads %v, sockets %v, %v", did, open, err)
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "gone"))
	var log testkit.Log
	s = Take(slog.New(slog.NewTextHandler(&log, nil)))
	s.Ready("")
	s.Beat()
	if n := strings.Count(log.String(), "systemd cannot be told"); n != 1 {
		t.Errorf("log:\n%s\nwant one warning", log.String())
	}
}

// A systemd that takes no message delays the server by notifyTime once.
func TestService_Stuck(t *testing.T) {
	wait := make(chan struct{})
	s := &Service{log: slog.New(slog.DiscardHandler), send: func(string) error { <-wait; return nil }}
	begin := time.Now()
	for range 1000 {
		s.Beat()
	}
	if took := time.Since(begin); took > testkit.Patience {
		t.Errorf("1,000 messages to a systemd that takes none took %v; want %v once", took, notifyTime)
	}
	close(wait)
}

func TestTake_Watchdog(t *testing.T) {
	for _, tt := range []struct {
		usec, pid string
		want      time.Duration
	}{
		{"30000000", "", 30 * time.Second},
		{"30000000", "1", 0}, // another process
		{"", "", 0},
		{"many", "", 0},
	} {
		newManager(t)
		t.Setenv("WATCHDOG_USEC", tt.usec)
		t.Setenv("WATCHDOG_PID", tt.pid)
		if s := Take(slog.New(slog.DiscardHandler)); s.Watchdog != tt.want {
			t.Errorf("WATCHDOG_USEC=%q WATCHDOG_PID=%q: %v; want %v", tt.usec, tt.pid, s.Watchdog, tt.want)
		}
	}
}
