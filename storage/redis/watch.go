package redis

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// watchEvery is how often the clocks of the nodes are read and the beats made.
	watchEvery = time.Second
	// probes is how many tags of a Cluster are probed then, of those that are away and of all,
	// so that a lost node is noticed within seconds without visitors, and its end, too.
	probes = 8
)

// watch reads the clocks, makes the beats and probes until the context is done.
func (s *Store) watch(ctx context.Context) {
	for pause(ctx, watchEvery) {
		s.probe(ctx)
		limited, cancel := context.WithTimeout(ctx, s.cfg.CommandTimeout)
		s.readClocks(limited)
		s.beatAll(limited)
		cancel()
	}
}

// readClocks asks each node for its TIME. A node that does not answer does not count.
func (s *Store) readClocks(ctx context.Context) {
	var all sync.WaitGroup
	for _, node := range s.client.Nodes() {
		all.Go(func() {
			sent := s.clock.since()
			t, err := node.Do(ctx, node.B().Time().Build()).AsIntSlice()
			if err == nil && len(t) == 2 {
				s.clock.add(sent, s.clock.since(), t[0]*1e6+t[1])
			}
		})
	}
	all.Wait()
	s.clock.end()
}

// probe makes the breakers notice an outage, and its end, while there are no visitors.
func (s *Store) probe(ctx context.Context) {
	list := append(s.away(), 0)
	for s.cfg.Cluster && len(list) < 2*probes {
		list = append(list, int(random32()%tags))
	}
	for len(list) > 0 && s.probeAll(ctx, list) {
		list = s.away() // if these are back, others are, too
	}
}

// away returns some of the tags of a Cluster whose breakers are open.
func (s *Store) away() (list []int) {
	for tag := range tags {
		if _, open := s.breakers[tag].open(); open && s.cfg.Cluster && len(list) < probes {
			list = append(list, tag)
		}
	}
	return list
}

// probeAll sends a command about each tag, and reports whether all were answered.
func (s *Store) probeAll(ctx context.Context, list []int) bool {
	var failed atomic.Bool
	_ = s.each(ctx, len(list), func(ctx context.Context, i int) error {
		err := s.do(ctx, list[i], func(ctx context.Context) error {
			return s.client.Do(ctx, s.client.B().Exists().Key(s.ofTag(kindSweep, list[i])).Build()).Error()
		})
		if err != nil { // its breaker knows
			failed.Store(true)
		}
		return nil
	})
	return !failed.Load()
}
