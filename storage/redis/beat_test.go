package redis_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
	testredis "pagesession/internal/testkit/redis"
)

// A server notices that Redis restarted without its data, or with older data (R10), and says
// it once.
func TestStore_Loss(t *testing.T) {
	t.Parallel()
	server := testredis.New(t)
	var log testkit.Log
	cfg := quick(server)
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	s := open(t, cfg)
	beats := func() string { return server.Text(t, "GET", s.BeatName()) }
	until(t, "a few beats were made", func() bool { return beats() == "3" })
	if loss := s.Health().Loss; loss.Times != 0 || !loss.At.IsZero() {
		t.Errorf("Loss = %+v; want none", loss)
	}
	server.Text(t, "SET", s.BeatName(), "1") // what an older file or another replica has
	until(t, "the older data is noticed", func() bool { return s.Health().Loss.Times == 1 })
	if loss := s.Health().Loss; loss.At.IsZero() || loss.Back < 2*time.Second {
		t.Errorf("Loss = %+v; want one of at least 2 s", loss)
	}
	before := beats()
	server.Kill(t)
	server.Start(t)
	until(t, "the restart without data is noticed", func() bool { return s.Health().Loss.Times == 2 })
	until(t, "it goes on counting", func() bool { return beats() != before })
	if n := strings.Count(log.String(), "Redis lost data"); n != 2 {
		t.Errorf("%d lines in the log; want 2:\n%s", n, log.String())
	}
}
