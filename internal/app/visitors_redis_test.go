package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/backup"
	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/monitor"
	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// onRedis returns settings for a server with its sessions in Redis.
func onRedis(t *testing.T, url string) config.Config {
	t.Helper()
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir = "127.0.0.1:0", t.TempDir()
	var err error
	if cfg.Sessions, err = config.ParseSessionServer(url); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// A wrong configuration ends the start, with the reason and what to do.
func TestRun_RedisRefused(t *testing.T) {
	server := testredis.New(t, "maxmemory-policy", "allkeys-lru")
	for url, want := range map[string]string{
		"redis://" + server.Addr:                    "noeviction",
		"redis+cluster://" + server.Addr:            "or redis+cluster:// in --sessions, as Redis runs",
		"redis+sentinel://" + server.Addr + "/main": "with the master's name",
		"redis://" + server.Addr + "/99":            "change --sessions",
	} {
		err := Run(t.Context(), onRedis(t, url), slog.New(slog.DiscardHandler), Process{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Run with %s = %v; want %s", url, err, want)
		}
	}
	server.Text(t, "CONFIG", "SET", "requirepass", "sesame")
	err := Run(t.Context(), onRedis(t, "redis://:open@"+server.Addr), slog.New(slog.DiscardHandler), Process{})
	if !errors.Is(err, redis.ErrAccess) || !strings.Contains(err.Error(), "PAGESESSION_SESSIONS_PASSWORD") || strings.Contains(err.Error(), "open@") {
		t.Errorf("Run with a wrong password = %v; want what to check, without the password", err)
	}
	cfg := onRedis(t, "rediss://"+server.Addr)
	cfg.SessionsCA = filepath.Join(t.TempDir(), "missing.pem")
	if err := Run(t.Context(), cfg, slog.New(slog.DiscardHandler), Process{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Run with a missing --sessions-ca = %v; want that it is missing", err)
	}
}

// While Redis is away the server answers "starting", and it serves as soon as Redis is there.
// No session file is made.
func TestRun_RedisComesLater(t *testing.T) {
	server := testredis.New(t)
	server.Kill(t)
	cfg := onRedis(t, "redis://"+server.Addr)
	socket := filepath.Join(t.TempDir(), "s")
	cfg.Addr = "unix:" + socket
	found := make(testkit.Serving, 1)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, cfg, slog.New(found), Process{}) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	}()
	wantStarting(t, socket)
	server.Start(t)
	select {
	case <-found:
	case <-time.After(time.Minute):
		t.Fatal("the server does not serve")
	}
	if _, err := os.Stat(filepath.Join(cfg.DataDir, visitorsFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a session file: %v", err)
	}
}

// wantStarting waits until the server answers, and checks that it says 503 and when to try
// again.
func wantStarting(t *testing.T, socket string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}}
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		a, err := client.Get("http://localhost/")
		if err != nil && time.Now().Before(end) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = a.Body.Close()
		if a.StatusCode != 503 || a.Header.Get("Retry-After") == "" {
			t.Errorf("GET / while Redis is away = %d, Retry-After %q; want 503", a.StatusCode, a.Header.Get("Retry-After"))
		}
		return
	}
}

// A stop while the server waits for Redis ends it at once.
func TestRun_StopsWhileItWaitsForRedis(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	log := &until{text: "waiting for Redis", then: cancel}
	begun := time.Now()
	if err := Run(ctx, onRedis(t, "redis://127.0.0.1:1"), slog.New(slog.NewTextHandler(log, nil)), Process{}); err != nil {
		t.Errorf("Run = %v; want nil", err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the stop took %v", took)
	}
}

// until is a log that does something at a line.
type until struct {
	text string
	then func()
}

func (u *until) Write(p []byte) (int, error) {
	if strings.Contains(string(p), u.text) {
		u.then()
	}
	return len(p), nil
}

// Live sessions in the file of the data folder are not used; the log says so.
func TestRun_RedisWarnsOfTheFile(t *testing.T) {
	server := testredis.New(t)
	cfg := onRedis(t, "redis://"+server.Addr)
	path := filepath.Join(cfg.DataDir, visitorsFile)
	old, err := storage.Open(storage.Config{Database: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Create(t.Context(), record.KeyOf("id"), nil, record.Lifetime{Idle: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	if _, log := runOnce(t, cfg); !strings.Contains(log, "live sessions that are not used") || !strings.Contains(log, path) || !strings.Contains(log, "sessions=1") {
		t.Errorf("the log lacks a warning of the file:\n%s", log)
	}
}

// Commands work on Redis without a server; and the figures count.
func TestOperate_Redis(t *testing.T) {
	server := testredis.New(t)
	cfg := onRedis(t, "redis://"+server.Addr)
	runOnce(t, cfg) // makes the accounts
	store, err := redis.Open(t.Context(), redis.Config{Addresses: []string{server.Addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	count := redisCounters(store)
	for _, id := range []string{"a", "b"} {
		if _, err := store.Create(t.Context(), record.KeyOf(id), record.Content{Idle: time.Hour}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if c := count(); c.Sessions != 2 || c.Creations != 2 || c.CallMedian == 0 {
		t.Errorf("the figures are %+v; want 2 sessions, 2 creations and the time of calls", c)
	}
	if c := count(); c.Sessions != 2 || c.Creations != 2 {
		t.Errorf("a moment later the figures are %+v; want the same", c)
	}
	ops := Operate(cfg, slog.New(slog.DiscardHandler))
	if list, err := control.ListSessions.Run(t.Context(), ops, control.SessionQuery{}); err != nil || len(list.Sessions) != 2 || !list.ByPosition {
		t.Errorf("ListSessions = %+v, %v; want two", list, err)
	}
	if n, err := control.EndAllSessions.Run(t.Context(), ops, control.All{}); err != nil || n.Count != 2 {
		t.Errorf("EndAllSessions = %+v, %v; want 2", n, err)
	}
	server.Kill(t)
	if _, err := control.ListSessions.Run(t.Context(), ops, control.SessionQuery{}); !errors.Is(err, record.ErrUnavailable) {
		t.Errorf("ListSessions without Redis = %v; want unavailable", err)
	}
}

// With sessions in Redis no lock keeps a second server away from the data folder, so it does not
// put a restored backup in place under the first one.
func TestFinishRestore_BesideAServer(t *testing.T) {
	_, path := backedUp(t)
	cfg := onRedis(t, "redis://"+testredis.New(t).Addr)
	_, stop := serveIn(t, cfg, t.Output())
	client := Operate(cfg, slog.New(slog.DiscardHandler))
	if done, err := control.RestoreBackup.Run(t.Context(), client, control.BackupFile{Path: path}); err != nil || !done.Server {
		t.Fatalf("RestoreBackup = %+v, %v; want that a server has it", done, err)
	}
	err := Run(t.Context(), cfg, slog.New(slog.DiscardHandler), Process{})
	if err == nil || !strings.Contains(err.Error(), "another server runs on this data folder; stop that one") {
		t.Errorf("Run of a second server = %v; want that it is refused", err)
	}
	if !backup.Pending(cfg.DataDir) {
		t.Error("the backup does not wait any more")
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// Each figure is of a file, of a session server, or of both, and ends have one for each.
func TestFigures_Of(t *testing.T) {
	for _, f := range monitor.Figures {
		if !f.Of(true) && !f.Of(false) {
			t.Errorf("nothing has the figure %s", f.Name)
		}
	}
}
