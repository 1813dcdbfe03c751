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
	"pagesession/internal/monitor"
	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// redisVisitors are visitors' sessions in Redis, which several servers share.
type redisVisitors struct {
	*redis.Store
	url string // without a password
}

// openRedis connects to Redis. A server waits until it is there, a command does not. It
// returns a nil interface with an error.
func (a *app) openRedis() (visitorStore, error) {
	cfg, err := redisConfig(&a.cfg)
	if err != nil {
		return nil, err
	}
	cfg.Logger = a.log
	var store *redis.Store
	if a.isCommand {
		store, err = redis.Open(a.starting, cfg)
	} else {
		a.warnOfOldSessions()
		store, err = untilThere(a.starting, a.log, a.cfg.Sessions.String(), cfg, redis.Open)
	}
	if err != nil {
		return nil, withRedisCure(err)
	}
	return redisVisitors{store, a.cfg.Sessions.String()}, nil
}

func (v redisVisitors) policyStore() session.Store { return v.Store }

func (v redisVisitors) lister() control.Lister { return control.ServerSessions{Store: v.Store} }

func (v redisVisitors) justOpened() control.Lister { return v.lister() }

func (v redisVisitors) counters() func() monitor.Counters { return redisCounters(v.Store) }

func (v redisVisitors) health() health.File { return health.OfRedis(v.url, v.Health(), time.Now()) }

// eachNetwork returns nil: to count a network's sessions all values would have to be read,
// which is too much for Redis.
func (redisVisitors) eachNetwork() func(found func(netip.Addr)) { return nil }

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
	old, err := storage.OpenContext(a.starting, storage.Config{Database: path, ReadOnly: true, Timeout: 100 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
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
