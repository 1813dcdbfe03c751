package app

import (
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"pagesession/internal/server"
	"pagesession/internal/testkit"
)

// Only a browser or a command on this machine sees how much of each limit is used.
func TestReadyz_Uses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("some are unknown elsewhere")
	}
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir, cfg.MaxSessions = "127.0.0.1:0", t.TempDir(), 200
	addr, _ := serveIn(t, cfg, io.Discard)
	client := testkit.At(t, "http://"+addr)
	client.Get("/set/").Wants(200)
	said := client.Get("/readyz?verbose").Wants(200, "ready", "sessions.db: ok").Text
	for _, line := range []string{
		`sessions: 1 of 200 \(0 %\)`, `sessions of the network with most: \d+ of 20 \(\d+ %\)`,
		`connections: \d+ of 10000 \(0 %\)`, `connections of the network with most: \d+ of 200 \(\d+ %\)`,
		`streams: 0 of \d+ \(0 %\)`, `streams of the network with most: 0 of 200 \(0 %\)`,
		`changes waiting for the disk: 0 of 8192 \(0 %\)`, `data of sessions: 0\.0 MiB of 1024\.0 MiB \(0 %\)`,
		`session file: [\d.]+ MiB of 16\.0 GiB \(0 %\)`, `disk space: [\d.]+ .iB of [\d.]+ .iB \(\d+ %\)`,
		`memory: [\d.]+ MiB.*`, `open files: \d+ of \d+ \(\d+ %\)`,
	} {
		if !regexp.MustCompile(`(?m)^` + line + `$`).MatchString(said) {
			t.Errorf("/readyz?verbose lacks %q:\n%s", line, said)
		}
	}
	if strings.Contains(said, cfg.DataDir) {
		t.Errorf("/readyz?verbose names the folder:\n%s", said)
	}
	for _, opt := range []testkit.Option{testkit.Header("X-Forwarded-For", "192.0.2.1"), func(r *http.Request) { r.Host = "pages.example" }} {
		client.Get("/readyz?verbose", opt).Wants(200, "ready", "sessions.db: ok").Lacks("connections", "memory", "disk space")
	}
}

func TestNotReady_Words(t *testing.T) {
	a := &app{server: server.New(server.Config{Logger: slog.New(slog.DiscardHandler), Limits: server.DefaultLimits()})}
	wants := func(want string) {
		t.Helper()
		if got := a.notReady(); got != want {
			t.Errorf("notReady() = %q; want %q", got, want)
		}
	}
	wants("the server is starting")
	a.begin("opening the sessions")
	wants("the server is starting: opening the sessions")
	a.server.Ready(nil)
	wants("all 10000 connections are in use")
	a.server.Draining()
	wants("the server is stopping")
}

// A file system that does not answer is asked by one question at a time.
func TestSpaceUse_OneQuestion(t *testing.T) {
	a := &app{cfg: defaults(t)}
	a.cfg.DataDir = t.TempDir()
	if err := os.WriteFile(filepath.Join(a.cfg.DataDir, "file"), make([]byte, 8<<10), 0o600); err != nil { // a file system in memory may have none
		t.Fatal(err)
	}
	if u := a.spaceUse(); u.Used <= 0 || u.Most <= u.Used {
		t.Errorf("spaceUse() = %v; want what is used", u)
	}
	a.asking.Lock()
	if u := a.spaceUse(); u.Used != -1 {
		t.Errorf("spaceUse() beside another question = %v; want unknown", u)
	}
	a.asking.Unlock()
	a.cfg.DataDir += "/missing"
	if u := a.spaceUse(); u.Used != -1 {
		t.Errorf("spaceUse() of a missing folder = %v; want unknown", u)
	}
}
