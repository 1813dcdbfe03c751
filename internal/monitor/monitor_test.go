package monitor_test

import (
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/monitor"
)

// steady counts up by the same with every call.
func steady(by uint64) func() monitor.Counters {
	n := uint64(0)
	return func() monitor.Counters {
		n++
		return monitor.Counters{
			Sessions: int64(n), Refreshes: n * by, Creations: n * 2, Ends: monitor.Ends{Idle: n, Absolute: n * 3, Deleted: n * 5, Revoked: n * 7},
			Commit: monitor.Latency{Median: time.Duration(n)},
		}
	}
}

func latest(m *monitor.Monitor) monitor.Sample {
	all, _ := m.After(0)
	return all[len(all)-1]
}

func TestMonitor_RatesAreBySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := monitor.Start(steady(100))
		defer m.Close()
		time.Sleep(1500 * time.Millisecond)
		s := latest(m)
		if s.Sessions != 2 || s.Refreshes != 100 || s.Creations != 2 || s.Ends() != 16 || s.Absolute != 3 || s.Commit.Median != 2 {
			t.Errorf("the latest is %+v; want 100 refreshes, 2 creations and 16 ends by the second", s)
		}
		if s.Memory <= 0 || s.Goroutines <= 0 {
			t.Errorf("the latest is %d bytes, %d goroutines; want some", s.Memory, s.Goroutines)
		}
	})
}

// A counter that takes long makes the second longer, not the rate higher.
func TestMonitor_SlowCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fast := steady(100)
		m := monitor.Start(func() monitor.Counters { time.Sleep(3 * time.Second); return fast() })
		defer m.Close()
		time.Sleep(10 * time.Second)
		if got := latest(m).Refreshes; got < 30 || got > 34 {
			t.Errorf("Refreshes = %v by the second; want 100 in 3 s", got)
		}
	})
}

func TestMonitor_KeepsAQuarterOfAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := monitor.Start(steady(1))
		defer m.Close()
		time.Sleep(1000*time.Second + time.Millisecond)
		all, _ := m.After(0)
		if len(all) != monitor.Kept || all[0].Sessions != 102 || all[monitor.Kept-1].Sessions != 1001 {
			t.Fatalf("After(0) = %d samples from %d to %d; want %d from 102 to 1001", len(all), all[0].Sessions, all[len(all)-1].Sessions, monitor.Kept)
		}
		for i := 1; i < len(all); i++ {
			if all[i].Seq != all[i-1].Seq+1 || !all[i].At.Equal(all[i-1].At.Add(time.Second)) {
				t.Fatalf("sample %d is %+v after %+v", i, all[i], all[i-1])
			}
		}
	})
}

// A watcher gets each sample once, in order, however seldom it looks.
func TestMonitor_After(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := monitor.Start(steady(1))
		defer m.Close()
		all, more := m.After(0)
		if len(all) != 0 {
			t.Fatalf("After(0) at the start = %d samples; want none", len(all))
		}
		<-more
		first, _ := m.After(0)
		time.Sleep(3500 * time.Millisecond) // between two ticks
		seq := first[0].Seq
		next, more := m.After(seq)
		if len(next) != 3 || next[0].Seq != seq+1 {
			t.Errorf("After(%d) = %+v; want the 3 after it", seq, next)
		}
		if none, _ := m.After(next[2].Seq); len(none) != 0 {
			t.Errorf("After(newest) = %d samples; want none", len(none))
		}
		select {
		case <-more:
			t.Error("told of more samples before there were any")
		default:
		}
		if all, _ := m.After(next[2].Seq + 1000); len(all) != 4 {
			t.Errorf("After(a number of nobody's) = %d samples; want all 4", len(all))
		}
	})
}

func TestMonitor_Close(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		m := monitor.Start(func() monitor.Counters { calls++; return monitor.Counters{} })
		time.Sleep(2500 * time.Millisecond)
		m.Close()
		m.Close()
		time.Sleep(10 * time.Second)
		if calls != 3 {
			t.Errorf("counted %d times; want 3: at the start and in 2 s", calls)
		}
		if all, _ := m.After(0); len(all) != 2 {
			t.Errorf("After(0) = %d samples; want the 2 that were taken", len(all))
		}
	})
}
