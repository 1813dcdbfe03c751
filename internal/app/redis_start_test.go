package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A start waits for Redis: an attempt each second, a line in the log at once and then each
// 30 s, and one when it is there.
func TestUntilThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, attempts := new(testkit.Log), 0
		there := new(redis.Store)
		open := func(context.Context, redis.Config) (*redis.Store, error) {
			if attempts++; attempts <= 65 {
				return nil, fmt.Errorf("connect: %w", record.ErrUnavailable)
			}
			return there, nil
		}
		begun := time.Now()
		store, err := untilThere(t.Context(), slog.New(slog.NewTextHandler(log, nil)), "redis://host:6379", redis.Config{}, open)
		if err != nil || store != there || time.Since(begun) != 65*time.Second {
			t.Errorf("untilThere = %v, %v after %v; want the store after 65s", store, err, time.Since(begun))
		}
		if n := strings.Count(log.String(), "waiting for Redis"); n != 3 || strings.Count(log.String(), "Redis is there") != 1 {
			t.Errorf("the log says %d times that it waits; want 3, and once that Redis is there:\n%s", n, log)
		}
	})
}

// A stop ends the wait at once; what waiting does not cure ends it, too.
func TestUntilThere_Ends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		away := func(context.Context, redis.Config) (*redis.Store, error) { return nil, record.ErrUnavailable }
		begun := time.Now()
		_, err := untilThere(ctx, slog.New(slog.DiscardHandler), "", redis.Config{}, away)
		if took := time.Since(begun); !errors.Is(err, context.DeadlineExceeded) || took != 2500*time.Millisecond {
			t.Errorf("untilThere, told to stop = %v after %v; want the context's error at once", err, took)
		}
		bad := func(context.Context, redis.Config) (*redis.Store, error) { return nil, redis.ErrEviction }
		if _, err := untilThere(t.Context(), slog.New(slog.DiscardHandler), "", redis.Config{}, bad); !errors.Is(err, redis.ErrEviction) {
			t.Errorf("untilThere = %v; want %v", err, redis.ErrEviction)
		}
	})
}
