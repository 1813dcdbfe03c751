package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"time"

	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/metrics"
	"pagesession/internal/monitor"
	"pagesession/internal/move"
	"pagesession/internal/network"
	"pagesession/storage"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// redisVisitors are visitors' sessions in Redis, which several servers share.
type redisVisitors struct {
	*redis.Store
	url string // without a password
}

// openRedis connects to Redis for the visitors' sessions. It returns a nil interface with an
// error. moving opens it also if its sessions are moving.
func (a *app) openRedis(moving bool) (visitorStore, error) {
	cfg, err := redisConfig(&a.cfg)
	if err != nil {
		return nil, err
	}
	cfg.Logger, cfg.Moving = a.log, moving
	if !a.isCommand && !moving {
		a.warnOfOldSessions()
	}
	store, err := a.connect(cfg)
	if err != nil {
		return nil, withRedisCure(err)
	}
	a.shared = store
	return redisVisitors{store, a.cfg.Sessions.String()}, nil
}

// connect opens Redis. A server waits until it is there, a command does not.
func (a *app) connect(cfg redis.Config) (*redis.Store, error) {
	if a.isCommand {
		return redis.Open(a.starting, cfg)
	}
	return untilThere(a.starting, a.log, a.cfg.Sessions.String(), cfg, a.openNow)
}

// openNow opens Redis. If it is unavailable, visitors are told at once.
func (a *app) openNow(ctx context.Context, cfg redis.Config) (*redis.Store, error) {
	store, err := redis.Open(ctx, cfg)
	if errors.Is(err, record.ErrUnavailable) {
		a.begin("waiting for Redis")
		a.server.NotSoon()
	}
	return store, err
}

func (v redisVisitors) side() move.Side { return keptOpen{v.Store} }

// keptOpen stays open when its sessions have moved away: failed sign-ins count in the same
// Redis until the server stops.
type keptOpen struct{ *redis.Store }

func (keptOpen) Close() error { return nil }

func (v redisVisitors) place() string { return v.url }

func (v redisVisitors) lister() control.Lister { return control.ServerSessions{Store: v.Store} }

func (v redisVisitors) justOpened() control.Lister { return v.lister() }

func (v redisVisitors) counters() func() monitor.Counters { return redisCounters(v.Store) }

func (v redisVisitors) read(r *metrics.Reading) {
	stats := v.Stats()
	r.Redis = &stats
}

func (v redisVisitors) health() health.File { return health.OfRedis(v.url, v.Health(), time.Now()) }

// eachNetwork returns nil: to count a network's sessions all values would have to be read,
// which is too much for Redis.
func (redisVisitors) eachNetwork(network.Kept) func(found func(netip.Addr)) { return nil }

// live returns 0 if Redis is away again.
func (v redisVisitors) live() int64 {
	n, _ := v.Count(context.Background())
	return int64(n)
}

// withRedisCure adds what to do about an error of redis.Open.
func withRedisCure(err error) error {
	for _, c := range []struct {
		err error
		do  string
	}{
		{redis.ErrAccess, "check the user in --sessions, and PAGESESSION_SESSIONS_PASSWORD or, for sentinels, PAGESESSION_SENTINEL_PASSWORD"},
		{redis.ErrTLS, "check --sessions-ca, --sessions-cert and --sessions-key; Redis's certificate has to name each address that it announces"},
		{redis.ErrMode, "choose redis://, redis+sentinel:// with the master's name, or redis+cluster:// in --sessions, as Redis runs"},
		{redis.ErrVersion, "upgrade it, or leave out --sessions"},
		{redis.ErrConfig, "change --sessions"},
	} {
		if errors.Is(err, c.err) {
			return fmt.Errorf("%w; %s", err, c.do)
		}
	}
	return err
}

// warnOfOldSessions warns if the file in the data folder has live sessions: they are not used.
func (a *app) warnOfOldSessions() {
	path := filepath.Join(a.cfg.DataDir, visitorsFile)
	old, err := storage.OpenContext(a.starting, storage.Config{
		Database: path, ReadOnly: true, Timeout: 100 * time.Millisecond, MemoryLimit: a.memory, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return // there is none, or it is not one that a server without --sessions could use now
	}
	n := old.List(record.Query{Limit: 1}).Total
	if err := old.Close(); err != nil {
		a.log.Warn("close the file of sessions", slog.Any("error", err))
	}
	if n > 0 {
		a.log.Warn("the data folder has live sessions that are not used with --sessions; their visitors start anew",
			slog.String("file", path), slog.Int("sessions", n))
	}
}
