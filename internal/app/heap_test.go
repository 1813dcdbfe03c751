package app

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"testing/synctest"
)

func TestGrowth(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, 20 << 20: 100, 64 << 20: 100, 80 << 20: 80, 100 << 20: 60, 128 << 20: 50, 200 << 20: 50, 8 << 30: 50} {
		if got := growth(live); got != want {
			t.Errorf("growth(%d MiB) = %d; want %d", live>>20, got, want)
		}
	}
}

// A large heap gets a lower percentage at the first look, unless the operator has chosen one. In
// the bubble that look is over when Wait returns.
func TestTendHeap(t *testing.T) {
	keep := make([]byte, 300<<20)
	for gogc, want := range map[string]int{"200": 100, "": leastGrowth} {
		t.Setenv("GOGC", gogc)
		was := debug.SetGCPercent(100)
		runtime.GC()
		synctest.Test(t, func(t *testing.T) {
			a := &app{done: make(chan struct{})}
			a.tendHeap()
			synctest.Wait()
			if got := percentNow(); got != want {
				t.Errorf("with GOGC=%q the heap may grow by %d %%; want %d", gogc, got, want)
			}
			close(a.done)
		})
		debug.SetGCPercent(was)
	}
	runtime.KeepAlive(keep)
}

func percentNow() int {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}
