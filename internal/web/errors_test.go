package web

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/health"
	"pagesession/internal/limit"
	"pagesession/internal/servers"
	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
)

func TestFail_Store(t *testing.T) {
	for _, target := range []string{"/set/", "/del/"} {
		for _, why := range []error{session.ErrFull, session.ErrUnavailable} {
			app, f := newApp(t, liveView("Sonam"))
			f.err = fmt.Errorf("write session at secret place: %w", why)
			a := ask(t, app, "GET", target, "")
			if a.StatusCode != 503 || a.Header.Get("Retry-After") != "1" {
				t.Errorf("%s with %v = %d, Retry-After %q; want 503, 1", target, why, a.StatusCode, a.Header.Get("Retry-After"))
			}
			if c := cookies(a); c != nil {
				t.Errorf("%s with %v sets %q; want nothing", target, why, c)
			}
			a.Lacks("secret")
			checkHeaders(t, a)
			checkCaching(t, a, true)
		}
	}
}

func TestSet_LostRace(t *testing.T) {
	for _, view := range []session.View{endedView(record.Deleted), liveView("Sonam"), {}} {
		app, f := newApp(t, view)
		f.err = fmt.Errorf("replace: %w", session.ErrEnded)
		a := ask(t, app, "POST", "/set/", "name=Robin")
		if a.StatusCode != 409 {
			t.Errorf("status = %d; want 409", a.StatusCode)
		}
		a.Has(map[bool]string{true: "<h1>Your session was deleted</h1>", false: "<h1>Your session has ended</h1>"}[view.Reason == record.Deleted])
		if c := cookies(a); c != nil {
			t.Errorf("Set-Cookie = %q; want none", c)
		}
		checkHeaders(t, a)
		checkCaching(t, a, true)
	}
}

// panicking fails in Peek, after its headers are out.
type panicking struct{ Sessions }

func (panicking) Peek(c *fiber.Ctx) (session.View, error) {
	c.Set(fiber.HeaderSetCookie, "sessionid=x")
	panic("secret in a panic")
}

func TestMiddleware_Panic(t *testing.T) {
	var log bytes.Buffer
	app, _ := newApp(t, session.View{}, func(cfg *Config) {
		cfg.Sessions = panicking{}
		cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	a := ask(t, app, "GET", "/session/?name=Robin", "", "Cookie: sessionid=secretcookie")
	if a.StatusCode != 500 || cookies(a) != nil {
		t.Errorf("a panic = %d, Set-Cookie %q; want 500 and none", a.StatusCode, cookies(a))
	}
	a.Has("Something went wrong")
	a.Lacks("secret", "goroutine")
	checkHeaders(t, a)
	checkCaching(t, a, false)
	for _, want := range []string{"secret in a panic", "path=/session/", "stack="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log lacks %q: %s", want, log.String())
		}
	}
	for _, bad := range []string{"Robin", "secretcookie"} {
		if strings.Contains(log.String(), bad) {
			t.Errorf("log holds %q: %s", bad, log.String())
		}
	}
	if n := strings.Count(log.String(), "level="); n != 1 {
		t.Errorf("logged %d times; want once: %s", n, log.String())
	}
}

// A full store refuses thousands a second; the log hears of one, and how many.
func TestFail_LogIsPaced(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 22, 22, 22, 5, 0, time.UTC)
	app, f := newApp(t, session.View{}, func(cfg *Config) {
		cfg.Now = func() time.Time { return now }
		cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	f.err = session.ErrFull
	for range 10 {
		ask(t, app, "POST", "/set/", "")
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Fatalf("logged %d lines in one second; want 1: %s", n, log.String())
	}
	now = now.Add(time.Second)
	ask(t, app, "POST", "/set/", "")
	if n := strings.Count(log.String(), "\n"); n != 2 || !strings.Contains(log.String(), "similar=9") {
		t.Errorf("after a second: %s; want a second line that counts 9", log.String())
	}
}

// A network that creates too many sessions is told when to try again. A visitor who has a
// session goes on.
func TestFail_Refused(t *testing.T) {
	var log bytes.Buffer
	asked := 0
	app, _ := newApp(t, session.View{}, func(cfg *Config) {
		cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
		cfg.Admit = func(*fiber.Ctx) error { asked++; return &limit.RefusedError{Wait: 1500 * time.Millisecond} }
	})
	a := ask(t, app, "POST", "/set/", "name=Ada")
	if a.StatusCode != 429 || a.Header.Get("Retry-After") != "2" || len(a.Cookies()) > 0 || !strings.Contains(a.Text, "Too many new sessions") {
		t.Errorf("POST /set/ = %d, %v, %q; want a 429 that says when to try again, and no cookie", a.StatusCode, a.Header, a.Text)
	}
	checkHeaders(t, a)
	if !strings.Contains(log.String(), "--client-creations") {
		t.Errorf("log: %q; want the setting's name", log.String())
	}
	for _, path := range []string{"/", "/get/", "/session/"} {
		if a := ask(t, app, "GET", path, ""); a.StatusCode != 200 || asked != 1 {
			t.Errorf("GET %s = %d, Admit called %d times; want 200, once", path, a.StatusCode, asked)
		}
	}
}

func TestReadyz(t *testing.T) {
	ready := false
	app, _ := newApp(t, session.View{}, func(cfg *Config) { cfg.Ready = func() bool { return ready } })
	a := ask(t, app, "GET", "/readyz", "", "Host: 10.0.0.7")
	if a.StatusCode != 503 || a.Text != "not ready: the server is stopping" || a.Header.Get("Retry-After") != "1" {
		t.Errorf("/readyz = %d %q; want 503 not ready, Retry-After 1", a.StatusCode, a.Text)
	}
	checkHeaders(t, a)
	if a := ask(t, app, "GET", "/livez", ""); a.StatusCode != 200 {
		t.Errorf("/livez while not ready = %d; want 200", a.StatusCode)
	}
	ready = true
	if a := ask(t, app, "GET", "/readyz", ""); a.StatusCode != 200 || a.Text != "ready" {
		t.Errorf("/readyz = %d %q; want 200 ready", a.StatusCode, a.Text)
	}
}

// Whatever the session files are in, the server is ready: visits and ends go on. The
// answer has no path and no error, since anyone may ask.
func TestReadyz_Verbose(t *testing.T) {
	ready, files := true, []health.File{}
	app, _ := newApp(t, session.View{}, func(cfg *Config) {
		cfg.Ready, cfg.Files = func() bool { return ready }, func() []health.File { return files }
	})
	since := time.Date(2026, 11, 28, 21, 15, 2, 0, time.FixedZone("CET", 3600))
	for _, state := range []storage.FileState{storage.FileSlow, storage.FileFull, storage.FileDetached} {
		st := storage.FileStatus{State: state, Path: "/data/sessions.db", Since: since, Cause: syscall.ENOSPC}
		f := health.Of(st, health.Visitors)
		files = []health.File{f, health.Of(storage.FileStatus{Path: "/data/console.db"}, health.Operators)}
		want := fmt.Sprintf("ready\nsessions.db: %v since 2026-11-28T20:15:02Z. %s %s %s\nconsole.db: ok", state, f.Works, f.Refused, f.Do)
		if a := ask(t, app, "GET", "/readyz?verbose", ""); a.StatusCode != 200 || a.Text != want || strings.Contains(a.Text, "/data") {
			t.Errorf("/readyz?verbose = %d %q; want 200 %q", a.StatusCode, a.Text, want)
		}
		if a := ask(t, app, "GET", "/readyz", ""); a.StatusCode != 200 || a.Text != "ready" {
			t.Errorf("/readyz with a file that is %v = %d %q; want 200 ready", state, a.StatusCode, a.Text)
		}
	}
	files = []health.File{health.Backups("/data/backups", since, syscall.ENOSPC)}
	if a := ask(t, app, "GET", "/readyz?verbose", ""); a.Text != "ready\nbackups: The last backup failed; pagesession status says why." {
		t.Errorf("/readyz?verbose after a failed backup = %q; want only what failed", a.Text)
	}
	files = []health.File{health.Of(storage.FileStatus{State: storage.FileDetached, Path: "/data/sessions.db", Since: since}, health.Visitors)}
	ready = false
	if a := ask(t, app, "GET", "/readyz?verbose", ""); a.StatusCode != 503 || !strings.HasPrefix(a.Text, "not ready: the server is stopping\nsessions.db: detached since") {
		t.Errorf("/readyz?verbose while not ready = %d %q; want 503, and the files", a.StatusCode, a.Text)
	}
}

// The servers that share the sessions are named, without their versions.
func TestReadyz_Servers(t *testing.T) {
	app, _ := newApp(t, session.View{}, func(cfg *Config) {
		cfg.Servers = func() []servers.Server {
			return []servers.Server{{Name: "web1", Version: "v1.2.3"}, {Name: "web2", Version: "v1.2.4", This: true}}
		}
		cfg.Files = func() []health.File {
			return []health.File{health.Servers("redis://here", []string{"Different versions: v1.2.3 on web1."})}
		}
	})
	const want = "ready\nservers: they differ in something that has to be the same; pagesession status says what\nservers: web1, web2"
	if a := ask(t, app, "GET", "/readyz?verbose", ""); a.StatusCode != 200 || a.Text != want {
		t.Errorf("/readyz?verbose = %d %q; want %q", a.StatusCode, a.Text, want)
	}
}

func TestNew_NeedsSessions(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("New without Sessions = nil; want an error")
	}
}

// The defaults as Config's comments state them.
func TestConfig_Defaults(t *testing.T) {
	cfg := Config{}.withDefaults()
	if got := cfg.AllowedHosts.String(); got != "localhost,127.0.0.1,[::1]" {
		t.Errorf("AllowedHosts = %q", got)
	}
	if cfg.IdleTimeout != 20*time.Second || cfg.BodyLimit != DefaultBodyLimit || !cfg.Ready() || cfg.Now == nil || cfg.Logger == nil {
		t.Errorf("defaults = %+v", cfg)
	}
}
