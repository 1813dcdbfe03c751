// Package limit bounds how many sessions one network creates and has, so that one client
// cannot fill the store, and how many connections it has.
package limit

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// CreationsConfig is what NewCreations needs.
type CreationsConfig struct {
	Rate     int // sessions that a network may create in a second; 0: any number
	Burst    int // how many of them it may create at once; at least 1
	Sessions int // live sessions that a network may have; 0: any number
	// Kept returns the part of a network by which its live sessions count: what Each knows of
	// it. nil: the network itself.
	Kept func(network netip.Addr) netip.Addr

	// Each calls found for each live session, with what Kept says of its creator; several
	// goroutines may call found at once.
	Each func(found func(network netip.Addr))
	Now  func() time.Time
}

// Creations decides who may create a session. Its methods are safe for concurrent use.
//
// It keeps no list of networks: a network has one of 65,536 places, by a hash whose seed is
// random. Networks that share a place share its limits, which is rare and cannot be aimed
// at. So the memory is bounded, and Admit costs as much for any number of networks.
//
// live counts up with each creation and down only when all live sessions are counted anew.
// It is too small only by creations that wait for the disk when a count begins, which the
// next count finds. Counting a million takes a fifth of a second. It begins at the
// start, and then when a network comes near its limit: after 100,000 creations, with the
// defaults.
type Creations struct {
	cfg  CreationsConfig
	seed maphash.Seed

	mu       sync.Mutex // protects the fields below
	places   []place
	since    []int32   // creations of each place while a count runs; nil: none runs
	counted  time.Time // end of the last count
	refused  Refused
	counting sync.WaitGroup
}

type place struct {
	next int64 // Unix nanoseconds: when all its creations so far were due at the rate
	live int32 // at least the number of its live sessions
}

const (
	places = 1 << 16
	// countPause bounds what counts cost while a network is at its limit: 2 % of a
	// processor for a million sessions.
	countPause = 10 * time.Second
)

// NewCreations returns limits that have begun to count the live sessions. Close ends them.
func NewCreations(cfg CreationsConfig) *Creations {
	l := &Creations{cfg: cfg, seed: maphash.MakeSeed(), places: make([]place, places)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if cfg.Sessions > 0 {
		l.count()
	}
	return l
}

// Close waits for a count that runs.
func (l *Creations) Close() { l.counting.Wait() }

// RefusedError says that a network has reached a limit.
type RefusedError struct {
	Wait time.Duration // after which a further try makes sense
	what string
}

func (e *RefusedError) Error() string { return "limit: a network " + e.what }

// Admit counts a creation by a network, or refuses it with a *RefusedError. A creation that
// fails later counts until the next count of live sessions.
func (l *Creations) Admit(network netip.Addr) error {
	has, now := l.placeOf(network), l.cfg.Now()
	if l.cfg.Kept != nil {
		has = l.placeOf(l.cfg.Kept(network))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.places[has]
	if l.cfg.Sessions > 0 {
		if int(p.live) >= l.cfg.Sessions-l.cfg.Sessions/10 && l.since == nil && now.Sub(l.counted) >= countPause {
			l.count()
		}
		if int(p.live) >= l.cfg.Sessions {
			l.refused.Sessions++
			return &RefusedError{countPause, fmt.Sprintf("has %d live sessions", l.cfg.Sessions)}
		}
	}
	if wait := l.due(&l.places[l.placeOf(network)], now.UnixNano()); wait > 0 {
		l.refused.Rate++
		return &RefusedError{wait, fmt.Sprintf("creates more than %d sessions a second", l.cfg.Rate)}
	}
	p.live++
	if l.since != nil {
		l.since[has]++
	}
	return nil
}

// Refused counts creations that were refused.
type Refused struct {
	Rate     uint64 // beyond the rate and the burst
	Sessions uint64 // beyond the live sessions
}

// Stats returns what was refused, and the largest number of live sessions of one network; 0
// without a limit of these.
func (l *Creations) Stats() (r Refused, most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cfg.Sessions > 0 {
		for i := range l.places {
			most = max(most, int(l.places[i].live))
		}
	}
	return l.refused, most
}

// due takes one creation from what the rate allows, or returns how long to wait for it.
// This is the generic cell rate algorithm (ITU-T I.371): next runs ahead of the clock by
// one interval for each creation, and at most by the burst.
func (l *Creations) due(p *place, now int64) time.Duration {
	if l.cfg.Rate == 0 {
		return 0
	}
	interval := int64(time.Second) / int64(l.cfg.Rate)
	next := max(p.next, now) + interval
	if early := next - now - interval*int64(l.cfg.Burst); early > 0 {
		return time.Duration(early)
	}
	p.next = next
	return 0
}

// count counts the live sessions of each place, in a goroutine. The caller holds mu.
func (l *Creations) count() {
	l.since = make([]int32, places)
	l.counting.Go(func() {
		live := make([]int32, places)
		l.cfg.Each(func(network netip.Addr) { atomic.AddInt32(&live[l.placeOf(network)], 1) })
		l.mu.Lock()
		defer l.mu.Unlock()
		for i := range l.places {
			l.places[i].live = live[i] + l.since[i]
		}
		l.since, l.counted = nil, l.cfg.Now()
	})
}

func (l *Creations) placeOf(network netip.Addr) int {
	return int(maphash.Comparable(l.seed, network) % places)
}
