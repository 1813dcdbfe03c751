package monitor_test

import (
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/monitor"
)

// A sample has the other servers' rates where figures sum, and what this server publishes has
// its own alone.
func TestMonitor_Others(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var total uint64
		m := monitor.Start(func() monitor.Counters {
			total += 10
			return monitor.Counters{Sessions: 7, Refreshes: total, Deleted: total, Retries: total}
		}, func(string) float64 { return 100 }, nil)
		defer m.Close()
		time.Sleep(2500 * time.Millisecond)
		newest := latest(m)
		for i, f := range monitor.Figures {
			want := map[string]float64{"sessions": 7, "refreshes": 110, "ends": 110, "deleted": 110, "creations": 100, "revoked": 100, "expired": 100, "retries": 10}[f.Name]
			if got := newest.Values[i]; (want != 0 || f.Sums()) && got != want {
				t.Errorf("%s = %v; want %v", f.Name, got, want)
			}
			if f.Sums() && !f.Of(true) {
				t.Errorf("%s sums over servers, which do not have it", f.Name)
			}
		}
		if r := m.Rates(); r["refreshes"] != 10 || r["ends"] != 10 || r["creations"] != 0 || len(r) != 6 {
			t.Errorf("Rates = %v; want this server's own", r)
		}
	})
}
