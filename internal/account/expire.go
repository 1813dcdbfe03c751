package account

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// mostExpired entries are removed each expirePause: 720,000 a day, more than a server writes.
// So removing keeps no change waiting, and a clock that is wrong for an hour costs the oldest
// 30,000 entries and not the log.
const (
	mostExpired = 500
	expirePause = time.Minute
	// expireNews is how often the log says how many were removed.
	expireNews = 24 * time.Hour
)

// An expiry is the state of the removal of old entries.
type expiry struct {
	sync.Mutex
	next    time.Time // nothing is removed before
	news    time.Time // of the next line in the log
	removed int       // since the last line
	failed  bool      // the last try
}

// expire removes entries that are older than Config.AuditKeep, if it is time for that. It may
// run on several servers: each removes what is left.
func (s *Store) expire(ctx context.Context) {
	x, now := &s.expiry, s.now()
	x.Lock()
	defer x.Unlock()
	if s.cfg.AuditKeep == 0 || now.Before(x.next) {
		return
	}
	x.next = now.Add(expirePause)
	n, err := s.expireBatch(ctx, now.Add(-s.cfg.AuditKeep))
	if err != nil && !errors.Is(err, ErrUnavailable) && !x.failed {
		s.cfg.Logger.Warn("old entries of the audit log could not be removed; it is tried again each minute", slog.Any("error", err))
	}
	x.failed = err != nil
	x.removed += n
	if x.removed == 0 || now.Before(x.news) {
		return
	}
	s.cfg.Logger.Info("audit entries older than --audit-keep were removed", slog.Int("entries", x.removed))
	x.removed, x.news = 0, now.Add(expireNews)
}

// expireBatch removes the oldest entries before an instant. A transaction that excludes
// others begins only if there are some.
func (s *Store) expireBatch(ctx context.Context, before time.Time) (n int, err error) {
	const oldest = "(SELECT id FROM entries WHERE at < $1 ORDER BY at LIMIT $2)"
	count := func(t tx) int {
		return value[int](t, "SELECT count(*) FROM "+oldest+" AS oldest", before, mostExpired)
	}
	if n, err = read(ctx, s, count); n == 0 {
		return 0, err
	}
	err = s.change(ctx, trusted, "", func(c *change) error {
		if n = count(c.tx); n > 0 {
			c.exec("DELETE FROM entries WHERE id IN "+oldest, before, mostExpired)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
