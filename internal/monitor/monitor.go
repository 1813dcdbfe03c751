// Package monitor samples the server's figures once a second and keeps 15 minutes of
// them for the console, and 24 hours at coarser steps. Watchers ask for the samples since
// their last one.
package monitor

import (
	"context"
	"math"
	"runtime/metrics"
	"slices"
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
	count  func() Counters
	others func(figure string) float64
	day    *Day

	mu   sync.Mutex    // protects the fields below
	ring [Kept]Sample  // the sample with Seq n is at n % Kept
	last uint64        // Seq of the newest sample
	kept int           // number of samples in ring
	own  []float64     // the values of the newest sample, without other servers
	more chan struct{} // closed with the next sample

	stop    context.CancelFunc
	stopped chan struct{}
}

// Start takes samples of count until Close. One goroutine calls count, at once and then
// each Interval. others returns the sum of other servers' last rates of a figure that Sums, and
// must not wait; nil for no other servers. day gets each sample; nil: none does.
func Start(count func() Counters, others func(figure string) float64, day *Day) *Monitor {
	m := &Monitor{
		count: count, others: others, day: day,
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
		sample.At = at.Round(0)                       // the wall clock alone, so that differences show when it was set
		own := sample.Values
		sample.Values = m.withOthers(own)
		m.add(sample, own)
		before = now
	}
}

// withOthers returns this server's values with those of the other servers where figures sum.
func (m *Monitor) withOthers(own []float64) []float64 {
	if m.others == nil {
		return own
	}
	all := slices.Clone(own)
	for i, f := range Figures {
		if f.Sums() {
			all[i] += m.others(f.Name)
		}
	}
	return all
}

// Rates returns this server's rates of the last second, of the figures that Sum, by name; 0 of
// them before the first sample. It does not wait.
func (m *Monitor) Rates() map[string]float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	rates := map[string]float64{}
	for i, n := range m.own {
		if Figures[i].Sums() {
			rates[Figures[i].Name] = math.Round(10*n) / 10
		}
	}
	return rates
}

// Latest returns a figure of the newest sample; NaN before the first, for a figure that was not
// measured, and for an unknown name. It does not wait.
func (m *Monitor) Latest(figure string) float64 {
	i := slices.IndexFunc(Figures, func(f Figure) bool { return f.Name == figure })
	m.mu.Lock()
	defer m.mu.Unlock()
	if i < 0 || m.kept == 0 {
		return math.NaN()
	}
	return m.ring[m.last%Kept].Values[i]
}

// add numbers and stores a sample and wakes the watchers. own has its values without other
// servers.
func (m *Monitor) add(s Sample, own []float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.own = own
	m.last++
	m.kept = min(m.kept+1, Kept)
	s.Seq = m.last
	m.ring[s.Seq%Kept] = s
	if m.day != nil {
		m.day.Add(s)
	}
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
