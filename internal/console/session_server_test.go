package console_test

import (
	"testing"
	"time"

	"pagesession/internal/console"
	"pagesession/internal/health"
	"pagesession/storage/redis"
)

// redisIs returns what the console reads of a Redis, behind the accounts.
func redisIs(h redis.Health, accounts error) func() []health.File {
	now := time.Date(2026, 11, 28, 20, 15, 0, 0, time.UTC)
	h.Since = now
	return func() []health.File {
		return []health.File{health.Accounts("/data/accounts.sqlite", now, accounts), health.OfRedis("redis://here", h, now)}
	}
}

// The page about accounts that are away has the accounts' words and not Redis's, also while
// Redis is away. Then it does not say that visitors are served.
func TestAway_AccountsAndSessionServer(t *testing.T) {
	for _, away := range []float64{0, 1} {
		a := &troubled{left: -1}
		d := openConsole(t, func(cfg *console.Config) {
			cfg.Accounts, a.Accounts = a, cfg.Accounts
			cfg.Files = redisIs(redis.Health{Away: away}, errAway)
		})
		d.superuser("ada")
		ada := d.as("ada")
		a.breakAfter(0, false)
		page := ada.get("/admin/users/").Wants(503, "cannot reach the operators’ accounts", "Check the disk that has accounts.sqlite").Lacks("Check that Redis runs")
		if away == 0 {
			page.Wants(503, "Visitors are served as usual").Lacks("Redis")
		} else {
			page.Wants(503, "Redis, is unavailable, too. Visitors’ pages and the console answer with 503").Lacks("served as usual")
		}
	}
}

// The page about a session server that is away has the words of its state.
func TestAway_SessionServerInPart(t *testing.T) {
	d := watchers(t, func(cfg *console.Config) {
		cfg.Visitors, cfg.Files = awayServer{away{cfg.Visitors}}, redisIs(redis.Health{Away: 1.0 / 3}, nil)
	})
	d.as("ada").get("/admin/sessions/").Wants(503, "<h1>Sessions unavailable</h1>", "About 67 % of the sessions are served as usual", "About 33 % of the visitors and operators get 503", "its disk and memory have room").Lacks("No session ends because of this")
}

// The dashboard says that Redis lost data, although it is well again.
func TestBanner_Loss(t *testing.T) {
	loss := redis.Loss{Times: 1, At: time.Date(2026, 11, 28, 20, 14, 0, 0, time.UTC), Back: 3 * time.Second}
	d := openConsole(t, func(cfg *console.Config) { cfg.Files = redisIs(redis.Health{Loss: loss}, nil) })
	d.staff("newcomer")
	d.as("newcomer").get("/admin/").Wants(200, "Redis lost the changes of about 3s before 2026-11-28 20:14:00 UTC", "To be sure, end all sessions").Lacks("Redis is ok", "What to do")
}
