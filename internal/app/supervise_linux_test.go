package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/server"
	"pagesession/internal/systemd"
	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
	testsystemd "pagesession/internal/testkit/systemd"
	"pagesession/storage"
	"pagesession/storage/record"

	"github.com/valyala/fasthttp"
)

// underSystemd returns a service that notifies a manager of the test's.
func underSystemd(t *testing.T, watchdog string) (*testsystemd.Manager, *systemd.Service) {
	t.Helper()
	m := testsystemd.New(t)
	t.Setenv("NOTIFY_SOCKET", m.Socket)
	t.Setenv("WATCHDOG_USEC", watchdog)
	return m, systemd.Take(slog.New(slog.DiscardHandler))
}

// systemd learns when the server is ready, that it reloads, that it works, also without its
// session file, and that it stops.
func TestRun_NotifiesSystemd(t *testing.T) {
	m, service := underSystemd(t, "300000")
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir, cfg.Drain = "127.0.0.1:0", filepath.Join(t.TempDir(), "data"), time.Second
	found, hangups, done := make(testkit.Serving, 1), make(chan os.Signal, 1), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { done <- Run(ctx, cfg, slog.New(found), Process{Systemd: service, Hangups: hangups}) }()
	url := <-found
	m.Wants("STATUS=starting: opening the sessions")
	if got, want := m.Awaits("READY=1"), "READY=1 STATUS=serving "+url; got != want {
		t.Errorf("systemd is told %q; want %q", got, want)
	}
	m.Awaits("WATCHDOG=1")
	hangups <- os.Interrupt // any signal
	m.Awaits("RELOADING=1 MONOTONIC_USEC=")
	m.Awaits("READY=1")
	away := cfg.DataDir + ".away"
	if err := os.Rename(cfg.DataDir, away); err != nil {
		t.Fatal(err)
	}
	client := testkit.At(t, strings.TrimSuffix(url, "/"))
	for end := time.Now().Add(testkit.Patience); client.Get("/set/").StatusCode != 503; {
		if time.Now().After(end) {
			t.Fatal("the server does not notice that its file is gone")
		}
	}
	for range 4 { // in more than the watchdog's time
		m.Awaits("WATCHDOG=1")
	}
	if err := os.Rename(away, cfg.DataDir); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(testkit.Patience); client.Get("/set/").StatusCode != 200 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	m.Awaits("STOPPING=1 STATUS=stopping EXTEND_TIMEOUT_USEC=11000000")
	if err := <-done; err != nil {
		t.Errorf("Run() = %v; want nil", err)
	}
}

// A start that asks whether it has to stop gets more time, one that hangs does not.
func TestExtend(t *testing.T) {
	m, service := underSystemd(t, "")
	a := &app{process: Process{Systemd: service}}
	p, tick, ended := &progress{Context: t.Context()}, make(chan time.Time), make(chan struct{})
	go func() { defer close(ended); a.extend(p, tick) }()
	for range 3 {
		_ = p.Err()
		tick <- time.Time{}
		m.Wants("EXTEND_TIMEOUT_USEC=30000000")
	}
	tick <- time.Time{} // without progress
	close(tick)
	<-ended
	service.Beat()
	m.Wants("WATCHDOG=1") // and nothing before it
}

// started is a server whose handler is h, with sessions in a file.
func started(t *testing.T, service *systemd.Service, h fasthttp.RequestHandler) (*app, *storage.Storage) {
	t.Helper()
	store, err := storage.Open(storage.Config{Database: filepath.Join(t.TempDir(), "sessions.db"), QueueTimeout: 50 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	log := slog.New(slog.DiscardHandler)
	a := &app{
		log: log, process: Process{Systemd: service}, visitors: newMovable(fileVisitors{store}, log),
		server: server.New(server.Config{Logger: log, Limits: server.DefaultLimits(), Unavailable: h}),
	}
	a.server.Ready(h)
	return a, store
}

// The watchdog does not hear of a server that does not answer.
func TestBeat_OnlyIfTheServerAnswers(t *testing.T) {
	m, service := underSystemd(t, "")
	hang := make(chan struct{})
	a, _ := started(t, service, func(*fasthttp.RequestCtx) { <-hang })
	tick, ended := make(chan time.Time), make(chan struct{})
	go func() { defer close(ended); a.beat(20*time.Millisecond, tick) }()
	tick <- time.Time{}
	close(tick)
	<-ended
	service.Status("nothing before")
	m.Wants("STATUS=nothing before")
	close(hang)
	tick, ended = make(chan time.Time, 1), make(chan struct{})
	tick <- time.Time{}
	close(tick)
	a.beat(testkit.Patience, tick)
	m.Wants("WATCHDOG=1")
}

// A disk that hangs does not keep the server from answering, so the watchdog leaves it alone.
func TestAnswers_WhileTheDiskHangs(t *testing.T) {
	a, store := started(t, nil, func(*fasthttp.RequestCtx) {})
	tx, err := store.Conn().Begin(true) // no commit ends before this one
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	_, err = store.Sessions().Create(t.Context(), record.Key{1}, record.Content{Idle: time.Minute}, 0)
	if err == nil {
		t.Fatal("the disk does not hang")
	}
	if err := a.answers(testkit.Patience); err != nil {
		t.Errorf("answers() while the disk hangs = %v; want nil", err)
	}
}

// Neither does a Redis that hangs or is gone.
func TestAnswers_WithoutRedis(t *testing.T) {
	redis := testredis.New(t)
	log := slog.New(slog.DiscardHandler)
	a := &app{
		cfg: onRedis(t, "redis://"+redis.Addr), log: log, starting: t.Context(),
		server: server.New(server.Config{Logger: log, Limits: server.DefaultLimits(), Unavailable: func(*fasthttp.RequestCtx) {}}),
	}
	if err := a.openVisitors(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.closeFiles() }()
	redis.Pause(t)
	if err := a.answers(testkit.Patience); err != nil {
		t.Errorf("answers() while Redis hangs = %v; want nil", err)
	}
	redis.Continue(t)
	redis.Kill(t)
	if err := a.answers(testkit.Patience); err != nil {
		t.Errorf("answers() without Redis = %v; want nil", err)
	}
}

// The status names what is wrong and what to do, in one line.
func TestStatus_NamesWhatIsWrong(t *testing.T) {
	cfg := defaults(t)
	cfg.DataDir = t.TempDir()
	a := &app{cfg: cfg, log: slog.New(slog.DiscardHandler), starting: t.Context()}
	defer func() { _ = a.closeFiles() }()
	if err := a.openVisitors(); err != nil {
		t.Fatal(err)
	}
	if err := a.openKey(); err != nil {
		t.Fatal(err)
	}
	if err := a.openConsole(); err != nil {
		t.Fatal(err)
	}
	if got, want := a.status("http://x/"), "serving http://x/"; got != want {
		t.Errorf("status() = %q; want %q", got, want)
	}
	away := cfg.DataDir + ".away"
	if err := os.Rename(cfg.DataDir, away); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(testkit.Patience); !strings.Contains(a.status("http://x/"), "sessions.db is detached since 20") && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	got := a.status("http://x/")
	if !strings.Contains(got, "sessions.db is detached since 20") || !strings.Contains(got, ": Check the disk that has sessions.db") || strings.Contains(got, "\n") || strings.Contains(got, cfg.DataDir) {
		t.Errorf("status() without the folder = %q; want the file, since when and what to do, without its path", got)
	}
	if err := os.Rename(away, cfg.DataDir); err != nil {
		t.Fatal(err)
	}
}
