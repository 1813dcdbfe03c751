// Package systemd is systemd's end of its protocols, for tests.
package systemd

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// A Manager hears what a service says.
type Manager struct {
	Socket string // NOTIFY_SOCKET of its services
	t      testing.TB
	conn   *net.UnixConn
}

// New returns a manager, until the test ends.
func New(t testing.TB) *Manager {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &Manager{path, t, conn}
}

// Next returns the next message, with its lines in one.
func (m *Manager) Next() string {
	m.t.Helper()
	_ = m.conn.SetReadDeadline(time.Now().Add(testkit.Patience))
	b := make([]byte, 4096)
	n, err := m.conn.Read(b)
	if err != nil {
		m.t.Fatal(err)
	}
	return strings.ReplaceAll(string(b[:n]), "\n", " ")
}

// Wants fails the test unless this is the next message.
func (m *Manager) Wants(want string) {
	m.t.Helper()
	if got := m.Next(); got != want {
		m.t.Errorf("systemd is told %q; want %q", got, want)
	}
}

// Awaits returns the next message that contains part.
func (m *Manager) Awaits(part string) string {
	m.t.Helper()
	for end := time.Now().Add(testkit.Patience); ; {
		if got := m.Next(); strings.Contains(got, part) {
			return got
		}
		if time.Now().After(end) {
			m.t.Fatalf("systemd is not told %q", part)
		}
	}
}
