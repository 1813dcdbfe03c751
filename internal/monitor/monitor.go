// Package monitor keeps the last quarter of an hour of what the server does, one
// sample a second, for the console. Watchers ask for what is newer than they have.
package monitor

import (
	"context"
	"runtime/metrics"
	"sync"
	"time"
)

// Samples are taken every Interval; the last Kept, 15 minutes, take 150 KiB.
const (
	Interval = time.Second
	Kept     = 900
)

// A Monitor takes the samples. Its methods are safe for concurrent use.
//
// A watcher does not subscribe: it remembers the number of its last sample and asks
// After for more. A slow one delays no other, and one that goes leaves nothing.
type Monitor struct {
	count func() Counters

	mu   sync.Mutex    // protects what follows
	ring [Kept]Sample  // the sample with Seq n is at n % Kept
	last uint64        // Seq of the newest sample
	kept int           // how many there are
	more chan struct{} // closed when there is one more

	stop    context.CancelFunc
	stopped chan struct{}
}

// Start begins to take samples of count, which is called by one goroutine, once
// now and then every Interval, until Close.
func Start(count func() Counters) *Monitor {
	m := &Monitor{
		count: count,
		// Watchers that come back after a restart of the server ask for
		// what is newer than what they had: numbers must not go back.
		last: uint64(time.Now().Unix()),
		more: make(chan struct{}), stopped: make(chan struct{}),
	}
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	go m.run(ctx)
	return m
}

// Close stops taking samples, and waits until the last is taken. What was taken
// can still be read. It may be called more than once.
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
		sample := SampleOf(now, before, at.Sub(then)) // a late tick is a longer second
		sample.At = at
		m.add(sample)
		before = now
	}
}

// add gives the sample its number, keeps it and wakes who waits.
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

// After returns the samples that are newer than number seq, the oldest first, and a
// channel that is closed when there are more. For 0, and for a number that is not
// yet given out, it returns all that are kept.
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

// process tells how much memory the process has of the system and how many
// goroutines there are. Unlike runtime.ReadMemStats it stops nothing.
func process() (memory int64, goroutines int) {
	all := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/sched/goroutines:goroutines"},
	}
	metrics.Read(all)
	return int64(all[0].Value.Uint64() - all[1].Value.Uint64()), int(all[2].Value.Uint64())
}
