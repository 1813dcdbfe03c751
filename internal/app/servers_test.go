package app

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pagesession/internal/config"
	"pagesession/internal/page"
	"pagesession/internal/testkit"
	"pagesession/internal/testkit/postgres"
	testredis "pagesession/internal/testkit/redis"
)

// A fleet has the settings of servers that match.
type fleet struct {
	t             *testing.T
	redis         string
	postgres      *postgres.Server
	key           string // a file
	firstAccounts string
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	p := postgres.New(t)
	f := &fleet{t: t, redis: "redis://" + testredis.New(t).Addr, postgres: p, firstAccounts: p.Database(t), key: filepath.Join(t.TempDir(), "key")}
	if err := os.WriteFile(f.key, page.NewFlashKey(), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

// settings returns those of one server.
func (f *fleet) settings(name string) config.Config {
	cfg := onRedis(f.t, f.redis)
	cfg.ServerName, cfg.Accounts, cfg.SecretKey = name, f.firstAccounts, f.key
	return cfg
}

// refused starts a server, and holds that this is refused with these words.
func (f *fleet) refused(cfg config.Config, words ...string) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), time.Minute) // if it is not refused
	defer cancel()
	err := Run(ctx, cfg, slog.New(slog.DiscardHandler), Process{})
	for _, part := range words {
		if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
			f.t.Errorf("Run = %v; want one line with %q", err, part)
		}
	}
}

// A server that does not match a running one is refused, and makes no key.
func TestRun_ServersRefused(t *testing.T) {
	f := newFleet(t)
	serveIn(t, f.settings("web1"), io.Discard)

	cfg := f.settings("web2")
	cfg.SecretKey = ""
	made := filepath.Join(cfg.DataDir, secretFile)
	f.refused(cfg, "there is no key", made, "other servers (web1)", "--secret-key FILE", "wait 10 minutes")
	if _, err := os.Stat(made); err == nil {
		t.Error("the refused server has made a key")
	}
	if err := os.WriteFile(made, page.NewFlashKey(), 0o600); err != nil {
		t.Fatal(err)
	}
	f.refused(cfg, made, "differs from the key of the other servers (web1)")

	cfg = f.settings("web2")
	cfg.Accounts = ""
	f.refused(cfg, "server web1", "this server has its accounts in a file", "--accounts postgres://", "pagesession accounts move")
	cfg = f.settings("web2")
	cfg.Accounts = f.postgres.Database(t)
	f.refused(cfg, "server web1", "another PostgreSQL database")

	two, stop := serveIn(t, f.settings("web2"), io.Discard)
	if a := testkit.At(t, "http://"+two).Get("/readyz"); a.StatusCode != 200 {
		t.Errorf("a server that fits: %d", a.StatusCode)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// A key that --secret-key names is checked as strictly as the one in the data folder, and not
// made.
func TestOpenKey_Named(t *testing.T) {
	cfg := defaults(t)
	cfg.DataDir, cfg.SecretKey = t.TempDir(), filepath.Join(t.TempDir(), "key")
	open := func() ([]byte, error) {
		a := &app{cfg: cfg}
		return a.key, a.openKey()
	}
	if _, err := open(); err == nil || !strings.Contains(err.Error(), cfg.SecretKey) || !strings.Contains(err.Error(), "copy the key there, or leave out --secret-key") {
		t.Errorf("openKey of a missing file = %v; want what to do", err)
	}
	if _, err := os.Stat(cfg.SecretKey); err == nil {
		t.Error("the missing file was made")
	}
	for content, want := range map[string]string{string(page.NewFlashKey()): "", "short": "5 bytes instead of 32"} {
		if err := os.WriteFile(cfg.SecretKey, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := open(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("openKey = %v; want %q", err, want)
		}
	}
	if err := os.Chmod(cfg.SecretKey, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := open(); err == nil || !strings.Contains(err.Error(), "other users can read") {
		t.Errorf("openKey of a file that others can read = %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(cfg.DataDir, "*")); len(left) != 0 {
		t.Errorf("the data folder has %q; want nothing", left)
	}
}

// One of two servers prints the link of the first run, and it works on the other one.
func TestRun_ServersFirstRun(t *testing.T) {
	f := newFleet(t)
	var one, two testkit.Log
	serveIn(t, f.settings("web1"), &one)
	addr, _ := serveIn(t, f.settings("web2"), &two)
	link := regexp.MustCompile(`^No operator yet.* http://127\.0\.0\.1:\d+/admin/first-run/#key=([A-Z2-7]{26})\n$`).FindStringSubmatch(one.String())
	if link == nil || two.String() != "" {
		t.Fatalf("the servers print %q and %q; want one link", one.String(), two.String())
	}
	jar, _ := cookiejar.New(nil)
	client := http.Client{Jar: jar}
	base := "http://" + addr + "/admin/first-run/"
	send := func(key string) string {
		t.Helper()
		form, err := client.Get(base)
		if err != nil {
			t.Fatal(err)
		}
		_ = form.Body.Close()
		values := url.Values{"key": {key}, "username": {"root"}, "new1": {"a perfectly fine one"}, "new2": {"a perfectly fine one"}}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, base, strings.NewReader(values.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", "http://"+addr)
		a, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = a.Body.Close() }()
		text, _ := io.ReadAll(a.Body)
		return a.Request.URL.Path + " " + string(text)
	}
	if got := send(strings.Repeat("A", 26)); !strings.Contains(got, "This is not the key") {
		t.Errorf("a wrong key leads to %s", got)
	}
	if got := send(link[1]); !strings.HasPrefix(got, "/admin/ ") {
		t.Errorf("the other server's link leads to %s; want the console", got)
	}
}

// On one server with its sessions in Redis nothing changes: each start prints a link.
func TestRun_RedisFirstRun(t *testing.T) {
	cfg := onRedis(t, "redis://"+testredis.New(t).Addr)
	for range 2 {
		var printed bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		out := &serving{stop: cancel}
		if err := Run(ctx, cfg, slog.New(slog.NewTextHandler(out, nil)), Process{Notices: &printed}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(printed.String(), "#key=") {
			t.Errorf("it prints %q; want a link", printed.String())
		}
	}
}
