package redis

import (
	"context"
	"sync"
	"time"
)

const (
	// watchEvery is how often the clocks of the nodes are read and the beats made.
	watchEvery = time.Second
	// probes is how many tags of a Cluster are probed then, so that a lost node is noticed
	// within seconds without visitors, and its end, too.
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
	list := []int{0}
	for tag := range tags {
		if _, open := s.breakers[tag].open(); open && s.cfg.Cluster && len(list) < probes {
			list = append(list, tag)
		}
	}
	for s.cfg.Cluster && len(list) < 2*probes {
		list = append(list, int(random32()%tags))
	}
	_ = s.each(ctx, len(list), func(ctx context.Context, i int) error {
		_ = s.do(ctx, list[i], func(ctx context.Context) error { // its breaker has the error
			return s.client.Do(ctx, s.client.B().Exists().Key(s.ofTag(kindSweep, list[i])).Build()).Error()
		})
		return nil
	})
}
