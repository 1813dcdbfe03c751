package monitor_test

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pagesession/internal/monitor"
)

// steady returns counters that grow by the same amount with each call.
func steady(by uint64) func() monitor.Counters {
	n := uint64(0)
	return func() monitor.Counters {
		n++
		return monitor.Counters{
			Sessions: int64(n), Refreshes: n * by, Creations: n * 2, Idle: n, Absolute: n * 3, Deleted: n * 5, Revoked: n * 7,
			CommitMedian: time.Duration(n) * time.Millisecond,
		}
	}
}

// value returns a figure of a sample by name.
func value(t *testing.T, s monitor.Sample, name string) float64 {
	t.Helper()
	i := slices.IndexFunc(monitor.Figures, func(f monitor.Figure) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("there is no figure %q", name)
	}
	return s.Values[i]
}

func latest(m *monitor.Monitor) monitor.Sample {
	all, _ := m.After(0)
	return all[len(all)-1]
}

func TestMonitor_RatesAreBySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := monitor.Start(steady(100), nil, nil)
		defer m.Close()
		time.Sleep(1500 * time.Millisecond)
		s := latest(m)
		for name, want := range map[string]float64{"sessions": 2, "refreshes": 100, "creations": 2, "ends": 16, "idle": 1, "absolute": 3, "deleted": 5, "revoked": 7, "commit": 2} {
			if got := value(t, s, name); got != want {
				t.Errorf("%s = %v; want %v", name, got, want)
			}
		}
		if memory, goroutines := value(t, s, "memory"), value(t, s, "goroutines"); memory <= 0 || goroutines <= 0 {
			t.Errorf("the latest is %v bytes, %v goroutines; want some", memory, goroutines)
		}
		if flush := value(t, s, "flush"); !math.IsNaN(flush) {
			t.Errorf("flush = %v; want none where nothing was flushed", flush)
		}
	})
}

func TestMonitor_Latest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := monitor.Start(steady(100), nil, nil)
		defer m.Close()
		if got := m.Latest("sessions"); !math.IsNaN(got) {
			t.Errorf("Latest before the first sample = %v; want NaN", got)
		}
		time.Sleep(2500 * time.Millisecond)
		if got, unknown := m.Latest("sessions"), m.Latest("nothing"); got != 3 || !math.IsNaN(unknown) {
			t.Errorf("Latest = %v, of an unknown figure %v; want 3, NaN", got, unknown)
		}
	})
}

// A slow count leaves the rate right, because the rate uses the measured time.
func TestMonitor_SlowCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fast := steady(100)
		m := monitor.Start(func() monitor.Counters { time.Sleep(3 * time.Second); return fast() }, nil, nil)
		defer m.Close()
		time.Sleep(10 * time.Second)
		if got := value(t, latest(m), "refreshes"); got < 30 || got > 34 {
			t.Errorf("Refreshes = %v by the second; want 100 in 3 s", got)
		}
	})
}

func TestMonitor_KeepsAQuarterOfAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := monitor.Start(steady(1), nil, nil)
		defer m.Close()
		time.Sleep(1000*time.Second + time.Millisecond)
		all, _ := m.After(0)
		first, last := value(t, all[0], "sessions"), value(t, all[len(all)-1], "sessions")
		if len(all) != monitor.Kept || first != 102 || last != 1001 {
			t.Fatalf("After(0) = %d samples from %v to %v; want %d from 102 to 1001", len(all), first, last, monitor.Kept)
		}
		for i := 1; i < len(all); i++ {
			if all[i].Seq != all[i-1].Seq+1 || !all[i].At.Equal(all[i-1].At.Add(time.Second)) {
				t.Fatalf("sample %d is %+v after %+v", i, all[i], all[i-1])
			}
		}
	})
}

// A watcher gets each sample once and in order, also if it asks seldom.
func TestMonitor_After(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := monitor.Start(steady(1), nil, nil)
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
			t.Error("the channel is closed before there are more samples")
		default:
		}
		if all, _ := m.After(next[2].Seq + 1000); len(all) != 4 {
			t.Errorf("After(a number that is not given out) = %d samples; want all 4", len(all))
		}
	})
}

func TestMonitor_Close(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		m := monitor.Start(func() monitor.Counters { calls++; return monitor.Counters{} }, nil, nil)
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

// Each figure has its own name, and all figures of a chart have the same unit.
func TestFigures(t *testing.T) {
	names, units := map[string]bool{}, map[string]monitor.Unit{}
	for _, f := range monitor.Figures {
		if names[f.Name] || f.Title == "" {
			t.Errorf("figure %q, %q is there twice or has no title", f.Name, f.Title)
		}
		if unit, known := units[f.Chart]; known && f.Chart != "" && unit != f.Unit {
			t.Errorf("chart %q has figures in %s and %s", f.Chart, unit, f.Unit)
		}
		names[f.Name], units[f.Chart] = true, f.Unit
	}
}
