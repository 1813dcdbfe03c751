package health_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pagesession/internal/health"
	"pagesession/storage/redis"
)

// Redis is well, away, or in a Cluster away in part; what it lost is told for a day.
func TestOfRedis(t *testing.T) {
	now := time.Date(2026, 11, 28, 20, 15, 2, 0, time.UTC)
	since, cause := now.Add(-time.Minute), errors.New("refused")
	of := func(h redis.Health) health.File { return health.OfRedis("redis://127.0.0.1:6379", h, now) }
	if f := of(redis.Health{}); f != (health.File{Name: "Redis", Path: "redis://127.0.0.1:6379", State: "ok"}) || !f.OK() || !f.IsSessionServer() {
		t.Errorf("Redis that is well = %+v; want ok, and nothing else", f)
	}
	for _, tc := range []struct {
		away           float64
		works, refused string
	}{
		{1, "No session ends by this", "Visitors’ pages and the console answer with 503"},
		{1.0 / 3, "About 67 % of the sessions are served as usual", "About 33 % of the visitors and operators get 503"},
		{1.0 / 1024, "About 99 % of the sessions", "About 1 % of the visitors and operators"},
	} {
		f := of(redis.Health{Away: tc.away, Since: since, Cause: cause})
		if f.OK() || f.State != health.Unavailable || !f.Since.Equal(since) || f.Cause != "refused" || f.Notice != "" || !strings.HasPrefix(f.Do, "Check that Redis runs") {
			t.Errorf("away %v = %+v; want unavailable, since when, why and what to do", tc.away, f)
		}
		if !strings.HasPrefix(f.Works, tc.works) || !strings.HasPrefix(f.Refused, tc.refused) {
			t.Errorf("away %v = %q, %q; want %q, %q", tc.away, f.Works, f.Refused, tc.works, tc.refused)
		}
	}
	if f := of(redis.Health{Away: 1, Since: since}); f.Cause != "" {
		t.Errorf("without a cause = %+v; want none", f)
	}
	loss := redis.Loss{Times: 2, At: since, Back: 3200 * time.Millisecond}
	const says = "Redis lost the changes of about 3s before 2026-11-28 20:14:02 UTC"
	for _, away := range []float64{0, 1} {
		if f := of(redis.Health{Away: away, Since: since, Loss: loss}); !strings.HasPrefix(f.Notice, says) || !strings.Contains(f.Notice, "end all sessions") || f.OK() != (away == 0) {
			t.Errorf("away %v after a loss = %+v; want the notice", away, f)
		}
	}
	loss.At = now.Add(-24 * time.Hour)
	if f := of(redis.Health{Loss: loss}); f.Notice != "" {
		t.Errorf("a day after a loss = %q; want no notice", f.Notice)
	}
}
