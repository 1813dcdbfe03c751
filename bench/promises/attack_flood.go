//go:build linux

package promises

import (
	"strconv"
	"sync"
	"time"
)

// floodAttack floods a server whose memory is limited with creations.
func floodAttack() Attack {
	return Attack{
		Name: "flood", About: "creations until --max-sessions, 10,000, and on, in a memory cgroup of 256 MiB, beside visitors who stay; then they expire",
		Promises: []string{"P1", "P8"}, CI: 1, Long: 10, Needs: []need{root(), cgroups()}, Run: runFlood,
	}
}

const (
	floodMost   = 10_000
	floodMemory = 256 << 20
	floodIdle   = 12 * time.Second
)

func runFlood(a *arena) error {
	g, err := newGroup(floodMemory)
	if err != nil {
		return err
	}
	defer func() { _ = g.remove() }()
	c := &chain{arena: a, opt: setup{idle: floodIdle, wrap: g.wrap(), flags: []string{"--max-sessions", strconv.Itoa(floodMost)}}}
	return a.each(func(int) error {
		err := c.next(c.flooded)
		c.ran = false // the ledger forgets the flood
		a.ledger.forget()
		return err
	})
}

// flooded fills a server up while visitors keep their sessions.
func (c *chain) flooded(s *server) death {
	stop := make(chan struct{})
	var keepers sync.WaitGroup
	for _, x := range c.populate(s, 64) {
		v := s.visitor(c.ledger)
		keepers.Go(func() { defer v.close(); v.stay(x, time.Second, stop) })
	}
	crowd := c.crowd(s, 32, mix{create: 100})
	c.pause(floodIdle - 3*time.Second)
	crowd.leave()
	v := s.visitor(c.ledger)
	defer v.close()
	for range 200 {
		v.create(c.names.next())
	}
	c.quick(v.refusals)
	close(stop)
	keepers.Wait()
	if len(v.refusals) == 0 {
		c.ledger.fault("P8", "the limit of %d sessions was not reached, or does not hold", floodMost)
	}
	const sweep = 5 * time.Second
	c.pause(floodIdle)
	c.heals(s, "P8", sweep+2*time.Second)
	return c.stop(s)
}

// stay refreshes a session; at each refusal a live session was evicted.
func (v *visitor) stay(x *account, rest time.Duration, stop chan struct{}) {
	for {
		if got := v.refresh(x); got != yes {
			v.l.fault("P8", "%s was refreshed each second and is gone: %q", x, got)
			return
		}
		select {
		case <-stop:
			return
		case <-time.After(rest):
		}
	}
}

// quick judges what refusals took: half of them within a few milliseconds, the client
// and a busy machine included.
func (c *chain) quick(list refusals) {
	const most = 10 * time.Millisecond
	if m := list.median(); m > most {
		c.ledger.fault("P8", "half of the refusals took %v or more", m)
	}
}
