package app

import (
	"context"
	"time"

	"pagesession/internal/monitor"
	"pagesession/storage/redis"
)

// countEvery is how often the sessions in Redis are counted: 1,024 short commands.
const countEvery = 5 * time.Second

// redisCounters is counters for sessions in Redis. Sessions are those of all servers, the
// other figures are this server's.
func redisCounters(s *redis.Store) func() monitor.Counters {
	before, sessions, counted := s.Stats(), 0, time.Time{}
	return func() monitor.Counters {
		if time.Since(counted) >= countEvery {
			if n, err := s.Count(context.Background()); err == nil { // else the last number stays
				sessions = n
			}
			counted = time.Now()
		}
		now := s.Stats()
		c := monitor.Counters{
			Sessions: int64(sessions), Retries: now.Retries,
			Refreshes: now.Refreshes, Creations: now.Creations,
			Expired: now.TimedOut, Deleted: now.Deleted, Revoked: now.Revoked,
		}
		c.CallMedian, c.Call99 = latency(now.Calls.Since(before.Calls))
		before = now
		return c
	}
}
