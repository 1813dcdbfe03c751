package app

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/health"
	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
	"pagesession/storage"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// Sessions move to a file only if no other server uses them, also none that starts meanwhile,
// and none moves to a Redis that others move out of.
func TestMove_OtherServers(t *testing.T) {
	server := testredis.New(t)
	store, err := redis.Open(t.Context(), redis.Config{Addresses: []string{server.Addr}, CommandTimeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	v := redisVisitors{store, "redis://" + server.Addr}
	a := &app{visitors: newMovable(v, slog.New(slog.DiscardHandler))}
	t.Cleanup(func() { _ = a.visitors.Close() })
	if err := notShared(t.Context(), v, ""); err != nil {
		t.Errorf("notShared = %v; want nil, since there is no server", err)
	}
	if _, err := store.Announce(t.Context(), redis.Member{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := notShared(t.Context(), v, "a"); err != nil {
		t.Errorf("notShared of the only server = %v; want nil", err)
	}
	// The announcement of b may have lapsed, as after a pause of its machine.
	if err := notShared(t.Context(), v, "b"); !errors.Is(err, errShared) {
		t.Errorf("notShared of another server = %v; want errShared", err)
	}
	for _, tt := range []struct {
		mark        record.Move
		start, move string // what the refusals say; "" for none
	}{
		{record.Move{}, "", ""},
		{record.Move{Way: record.MovingTo, Place: health.FilePlace}, "continues the move", "wait until that is done"},
		{record.Move{Way: record.MovedTo, Place: health.FilePlace}, "without --sessions", ""},
	} {
		if err := store.SetMark(t.Context(), tt.mark); err != nil {
			t.Fatal(err)
		}
		wantRefusal(t, "a start", a.stillThere(t.Context()), tt.start)
		wantRefusal(t, "a move to it", movesNoneAway(t.Context(), store), tt.move)
	}
}

func wantRefusal(t *testing.T, what string, err error, says string) {
	t.Helper()
	if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
		t.Errorf("%s = %v; want %q", what, err, says)
	}
}

// A start with --sessions is refused while another process has the session file: it may be
// moving its sessions, so it is unknown where they are.
func TestRun_RedisBesideFileInUse(t *testing.T) {
	cfg := onRedis(t, "redis://127.0.0.1:1")
	file, err := storage.Open(storage.Config{Database: filepath.Join(cfg.DataDir, visitorsFile)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience) // if it is not refused
	defer cancel()
	err = Run(ctx, cfg, slog.New(slog.DiscardHandler), Process{})
	wantRefusal(t, "a start", err, "stop it or choose another --data-dir")
}
