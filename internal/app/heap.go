package app

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// smallHeap may double before the garbage collector runs, as any Go program's heap.
	smallHeap = 64 << 20
	// leastGrowth is what a large heap may grow by, in percent. Sessions are most of it, a
	// visit allocates nothing, and marking a million of them takes about 0.2 s of one core.
	leastGrowth = 50
	// growthStep keeps small changes of the heap from changing the percentage.
	growthStep = 10
	// heapPause is between two looks at the heap, whose growth takes minutes.
	heapPause = 10 * time.Second
	// startLooks is how many of these looks give memory of the start back. The first comes when
	// the server serves, the second when it has counted the sessions of each network.
	startLooks = 2
)

// growth returns by how many percent a heap may grow beyond its live bytes, between two
// runs of the garbage collector.
func growth(live uint64) int {
	if live <= smallHeap {
		return 100
	}
	percent := int(smallHeap * 100 / live)
	return max(leastGrowth, percent/growthStep*growthStep)
}

// tendHeap gives back the memory that only the start has needed, and bounds the garbage
// from then on (ADR 0066). With GOGC the operator bounds it.
func (a *app) tendHeap() {
	if os.Getenv("GOGC") != "" {
		return
	}
	go each(heapPause, a.done, func(tick <-chan time.Time) {
		was := 100
		for looks, more := 1, true; more; looks++ {
			if looks <= startLooks && heap("/memory/classes/heap/objects:bytes") > smallHeap {
				debug.FreeOSMemory()
			}
			if percent := growth(liveHeap()); percent != was {
				debug.SetGCPercent(percent)
				was = percent
			}
			_, more = <-tick
		}
	})
}

// liveHeap returns the bytes that the last run of the garbage collector has kept.
func liveHeap() uint64 { return heap("/gc/heap/live:bytes") }

// heap returns a metric of package runtime/metrics that counts bytes.
func heap(metric string) uint64 {
	sample := []metrics.Sample{{Name: metric}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
