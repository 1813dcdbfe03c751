package index

import (
	"slices"
	"testing"

	"pagesession/internal/testkit"
	"pagesession/storage/internal/clock"
	"pagesession/storage/internal/entry"
	"pagesession/storage/record"
)

// Of two entries of one key the later one counts. It is touched if either has an Until, and
// the session leaves the flush of the file at most once.
func TestIndex_Restore_TwoOfOneKey(t *testing.T) {
	for name, test := range map[string]struct {
		older, newer int64 // Until
		touched      bool
	}{
		"neither": {0, 0, false},
		"older":   {1 << 40, 0, true},
		"newer":   {0, 1 << 40, true},
		"both":    {1 << 40, 1 << 40, true},
	} {
		x := New(1<<20, clock.NewTimeline(testkit.NewClock(), nil))
		e := entry.Entry{Key: record.KeyOf("a"), Seq: 1, Value: "older", Until: test.older, Life: entry.Life{Idle: 1000, Used: 5}}
		first := x.Restore(&e, OldFlush)
		e.Seq, e.Value, e.Until = 2, "new", test.newer
		older := x.Restore(&e, OldFlush)
		if first != 0 || older != 1 || x.Count.Load() != 1 || x.Bytes.Load() != 3 {
			t.Errorf("%s: Restore = %d, %d; %d sessions, %d bytes; want 0, 1; 1, 3", name, first, older, x.Count.Load(), x.Bytes.Load())
		}
		touches, left := x.Collect(nil, nil, FirstFlush+1)
		if got := slices.Contains(touches, entry.Touch{Seq: 2, Used: 5}); got != test.touched || (len(left) == 1) != test.touched {
			t.Errorf("%s: touches %v, left %v; want the later one touched: %t", name, touches, left, test.touched)
		}
		x.Move(&entry.Entry{Key: e.Key, Seq: 3, Life: e.Life})
		if _, left = x.Collect(nil, left, FirstFlush+2); count(left, OldFlush) != 1 {
			t.Errorf("%s: the session has left the flushes %v; want that of the file once", name, left)
		}
	}
}

func count(list []uint32, n uint32) (times int) {
	for _, v := range list {
		if v == n {
			times++
		}
	}
	return times
}
