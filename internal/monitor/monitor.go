// Package monitor samples the server's figures once a second and keeps 15 minutes of
// them for the console. Watchers ask for the samples since their last one.
package monitor

import (
	"context"
	"runtime/metrics"
	"sync"
	"time"
)

// The monitor takes a sample each Interval and keeps the last Kept of them: 15 minutes in
// 150 KiB.
const (
	Interval = time.Second
	Kept     = 900
)

// A Monitor takes the samples. Its methods are safe for concurrent use.
//
// A watcher remembers the number of its last sample and asks After for newer ones. There
// is no subscription, so a slow watcher delays no other, and a vanished one leaves
// nothing behind.
type Monitor struct {
	count func() Counters

	mu   sync.Mutex    // protects the fields below
	ring [Kept]Sample  // the sample with Seq n is at n % Kept
	last uint64        // Seq of the newest sample
	kept int           // number of samples in ring
	more chan struct{} // closed with the next sample

	stop    context.CancelFunc
	stopped chan struct{}
}

// Start takes samples of count until Close. One goroutine calls count, at once and then
// each Interval.
func Start(count func() Counters) *Monitor {
	m := &Monitor{
		count: count,
		// Numbers continue after a restart of the server, because watchers that
		// come back ask for samples after the last number that they have.
		last: uint64(time.Now().Unix()),
		more: make(chan struct{}), stopped: make(chan struct{}),
	}
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	go m.run(ctx)
	return m
}

// Close stops taking samples and waits for the last one. After still returns the samples
// that were taken. Further calls do nothing.
func (m *Monitor) Close() {
	m.stop()
	<-m.stopped
}

func (m *Monitor) run(ctx context.Context) {
	defer close(m.stopped)
	tick := time.NewTicker(Interval)
	defer tick.Stop()
	before, at := m.count(), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, then := m.count(), at
		now.Memory, now.Goroutines = process()
		at = time.Now()
		sample := SampleOf(now, before, at.Sub(then)) // the real duration, since a tick may be late
		sample.At = at
		m.add(sample)
		before = now
	}
}

// add numbers and stores a sample and wakes the watchers.
func (m *Monitor) add(s Sample) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	m.kept = min(m.kept+1, Kept)
	s.Seq = m.last
	m.ring[s.Seq%Kept] = s
	close(m.more)
	m.more = make(chan struct{})
}

// After returns the samples with numbers above seq, oldest first, and a channel that is
// closed with the next sample. If seq is 0 or a future number, it returns all samples
// that are kept.
func (m *Monitor) After(seq uint64) ([]Sample, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first := m.last - uint64(m.kept) + 1
	if seq >= first && seq <= m.last {
		first = seq + 1
	}
	var all []Sample
	if n := m.last + 1 - first; n > 0 {
		all = make([]Sample, 0, n)
	}
	for ; first <= m.last; first++ {
		all = append(all, m.ring[first%Kept])
	}
	return all, m.more
}

// process returns the memory that the process takes from the system and the number of
// goroutines. Unlike runtime.ReadMemStats it does not stop the program.
func process() (memory int64, goroutines int) {
	all := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(all)
	return int64(all[0].Value.Uint64() - all[1].Value.Uint64()), int(all[2].Value.Uint64())
}
