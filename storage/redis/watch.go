package redis

import (
	"context"
	"sync"
	"time"
)

// watchEvery is how often the clocks of the nodes are read and the beats made.
const watchEvery = time.Second

// watch reads the clocks and makes the beats until the context is done.
func (s *Store) watch(ctx context.Context) {
	for pause(ctx, watchEvery) {
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
