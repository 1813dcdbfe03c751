package app

import (
	"context"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/limit"
	"pagesession/internal/server"
	"pagesession/storage"
)

// A start that is told to stop ends without serving, and without an error.
func TestRun_StopsWhileItStarts(t *testing.T) {
	cfg := defaults(t)
	cfg.Addr, cfg.DataDir = "127.0.0.1:0", t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var log strings.Builder
	err := Run(ctx, cfg, slog.New(slog.NewTextHandler(&log, nil)), Process{})
	if err != nil || strings.Contains(log.String(), "msg=serving") {
		t.Errorf("Run, told to stop = %v, log:\n%s\nwant nil, and that it does not serve", err, &log)
	}
}

// A disk that hangs does not keep the process from ending; the error says what may be
// missing, and the exit code says so to supervisors.
func TestClose_OfAHungDisk(t *testing.T) {
	s, err := storage.Open(storage.Config{Database: filepath.Join(t.TempDir(), "sessions.db")})
	if err != nil {
		t.Fatal(err)
	}
	tx, err := s.Conn().Begin(true) // no commit ends before this one
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	a := &app{visitors: newMovable(fileVisitors{s}, slog.New(slog.DiscardHandler)), log: log, done: make(chan struct{}), server: server.New(server.Config{Logger: log, Limits: server.DefaultLimits()})}
	begin := time.Now()
	err = a.close()
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("close took %v; want less than 5s", took)
	}
	coded, ok := err.(interface{ ExitCode() int })
	if !ok || coded.ExitCode() != 3 || !strings.Contains(err.Error(), "may be missing") {
		t.Errorf("close = %v; want exit code 3, and what may be missing", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	_ = s.Close()
}

// A count of each network's sessions, which takes long with ten million, does not keep the files
// from closing.
func TestClose_DuringACount(t *testing.T) {
	s, err := storage.Open(storage.Config{Database: filepath.Join(t.TempDir(), "sessions.db")})
	if err != nil {
		t.Fatal(err)
	}
	counted := make(chan struct{})
	log := slog.New(slog.DiscardHandler)
	a := &app{
		visitors: newMovable(fileVisitors{s}, log), log: log, done: make(chan struct{}), server: server.New(server.Config{Logger: log, Limits: server.DefaultLimits()}),
		creations: limit.NewCreations(limit.CreationsConfig{Sessions: 1, Now: time.Now, Each: func(func(netip.Addr)) { <-counted }}),
	}
	if err := a.close(); err != nil {
		t.Errorf("close = %v; want nil, without the count", err)
	}
	close(counted)
	a.creations.Close()
}
