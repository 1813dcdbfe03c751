package storage

import (
	"testing"
	"time"

	"pagesession/internal/testkit"
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/index"
)

// A round takes what SweepInterval says, unless the sessions are so many that it would take
// much of a processor.
func TestSweeper_Pause(t *testing.T) {
	for _, test := range []struct {
		every    time.Duration
		sessions int64
		round    time.Duration
	}{
		{5 * time.Second, 0, 5 * time.Second},
		{5 * time.Second, 2_500_000, 5 * time.Second},
		{5 * time.Second, 10_000_000, 20 * time.Second},
		{time.Hour, 10_000_000, time.Hour},
		{time.Millisecond, 10, 256 * time.Millisecond},
	} {
		w := &sweeper{index: index.New(1, clock.NewTimeline(testkit.NewClock(), nil)), every: test.every}
		w.index.Count.Store(test.sessions)
		if got := w.pause() * index.Shards; got != test.round {
			t.Errorf("SweepInterval %v, %d sessions: a round takes %v; want %v", test.every, test.sessions, got, test.round)
		}
	}
}
