package app

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

func TestGrowth(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, 20 << 20: 100, 64 << 20: 100, 80 << 20: 80, 100 << 20: 60, 128 << 20: 50, 200 << 20: 50, 8 << 30: 50} {
		if got := growth(live); got != want {
			t.Errorf("growth(%d MiB) = %d; want %d", live>>20, got, want)
		}
	}
}

// A large heap gets a lower percentage, unless the operator has chosen one.
func TestTendHeap(t *testing.T) {
	keep := make([]byte, 300<<20)
	for _, tc := range []struct {
		gogc string
		want int
	}{{"200", 100}, {"", leastGrowth}} {
		t.Setenv("GOGC", tc.gogc)
		was := debug.SetGCPercent(100)
		runtime.GC()
		a := &app{done: make(chan struct{})}
		a.tendHeap()
		got := percentNow()
		for end := time.Now().Add(20 * time.Second); tc.gogc == "" && got != tc.want && time.Now().Before(end); got = percentNow() {
			time.Sleep(10 * time.Millisecond)
		}
		close(a.done)
		if got != tc.want {
			t.Errorf("with GOGC=%q the heap may grow by %d %%; want %d", tc.gogc, got, tc.want)
		}
		debug.SetGCPercent(was)
	}
	runtime.KeepAlive(keep)
}

func percentNow() int {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}
