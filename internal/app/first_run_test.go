package app

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/hosts"
)

func TestLoopback(t *testing.T) {
	const all = "localhost,127.0.0.1,[::1]"
	for _, tc := range []struct {
		ip      string
		allowed string
		want    string
	}{
		{"127.0.0.1", all, "127.0.0.1:8000"},
		{"0.0.0.0", all, "127.0.0.1:8000"},
		{"::", all, "127.0.0.1:8000"},
		{"::1", all, "[::1]:8000"},
		{"::1", "localhost", "localhost:8000"},
		{"127.0.0.1", "localhost", "localhost:8000"},
		{"127.0.0.1", "example.com", ""},
		{"::", "example.com,[::1]", "[::1]:8000"},
		{"0.0.0.0", "example.com,[::1]", ""},
		{"0.0.0.0", "*", "127.0.0.1:8000"},
		{"192.0.2.7", all, ""},
		{"192.0.2.7", "*", ""},
	} {
		addr := &net.TCPAddr{IP: net.ParseIP(tc.ip), Port: 8000}
		if got := loopback(addr, hostList(t, tc.allowed).Allows); got != tc.want {
			t.Errorf("loopback(%v, %q) = %q; want %q", addr, tc.allowed, got, tc.want)
		}
	}
}

func hostList(t *testing.T, s string) hosts.List {
	t.Helper()
	l, err := hosts.Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q) = %v", s, err)
	}
	return l
}

// The line of the first run goes to the terminal at each start until there is a
// superuser, and stays out of the log.
func TestRun_FirstRunLine(t *testing.T) {
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir = "127.0.0.1:0", t.TempDir()
	line := regexp.MustCompile(`^No operator yet\. Create one within 30 minutes, on this machine: http://127\.0\.0\.1:\d+/admin/first-run/#key=[A-Z2-7]{26}\n$`)
	for range 2 {
		if notices, log := runOnce(t, cfg); !line.MatchString(notices) || strings.Contains(log, "first-run") {
			t.Errorf("notices %q, log %q; want the line, and nothing of it in the log", notices, log)
		}
	}
	cfg.AllowedHosts = hostList(t, "example.com") // unreachable by this name from here
	want := fmt.Sprintf("No operator yet. Create one on this machine: pagesession createsuperuser --data-dir %q\n", cfg.DataDir)
	if notices, _ := runOnce(t, cfg); notices != want {
		t.Errorf("notices %q; want %q", notices, want)
	}
	n := control.NewSuperuser{Username: "ada", Password: "a perfectly fine one"}
	if _, err := control.CreateSuperuser.Run(t.Context(), Operate(cfg, slog.New(slog.DiscardHandler)), n); err != nil {
		t.Fatal(err)
	}
	if notices, _ := runOnce(t, cfg); notices != "" {
		t.Errorf("notices with a superuser %q; want none", notices)
	}
	cfg.AllowedHosts = hostList(t, "127.0.0.1")
	loseSuperuser(t, cfg)
	want = fmt.Sprintf("No superuser can sign in, though the accounts are not new. Restore a backup, or create one: pagesession createsuperuser --data-dir %q\n", cfg.DataDir)
	if notices, _ := runOnce(t, cfg); notices != want {
		t.Errorf("notices after a flipped bit %q; want %q", notices, want)
	}
}

// loseSuperuser takes away the superuser as a flipped bit does.
func loseSuperuser(t *testing.T, cfg config.Config) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(cfg.DataDir, accountsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec("UPDATE users SET superuser = 0"); err != nil {
		t.Fatal(err)
	}
}

// runOnce starts and stops a server, and returns its notices.
func runOnce(t *testing.T, cfg config.Config) (notices, log string) {
	t.Helper()
	var printed bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	out := &serving{stop: cancel}
	if err := Run(ctx, cfg, slog.New(slog.NewTextHandler(out, nil)), Process{Notices: &printed}); err != nil {
		t.Fatal(err)
	}
	return printed.String(), out.buf.String()
}

// serving is a log that stops the server at the line "serving".
type serving struct {
	mu   sync.Mutex // protects buf
	buf  bytes.Buffer
	stop func()
}

func (s *serving) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes.Contains(p, []byte("msg=serving")) {
		s.stop()
	}
	return s.buf.Write(p)
}
