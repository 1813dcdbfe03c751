//go:build linux

package promises

import (
	"context"
	"math/rand/v2"
	"sync"
)

// A crowd is visitors who do one thing after the other until it stops.
type crowd struct {
	stop context.CancelFunc
	all  sync.WaitGroup
	mu   sync.Mutex // protects seen
	seen refusals
}

// A mix says how often visitors do what, in percent; the rest are refreshes.
type mix struct{ create, rename, timeout, end int }

// usual is the mix of the crash attacks.
func usual() mix { return mix{create: 28, rename: 16, timeout: 6, end: 20} }

// crowd sends n visitors to a server.
func (a *arena) crowd(s *server, n int, m mix) *crowd {
	ctx, stop := context.WithCancel(a.ctx)
	c := &crowd{stop: stop}
	for range n {
		v, rng := s.visitor(a.ledger), rand.New(rand.NewPCG(a.rng.Uint64(), 0))
		c.all.Go(func() {
			defer v.close()
			for ctx.Err() == nil && s.alive() {
				a.step(v, rng, m)
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.seen = append(c.seen, v.refusals...)
		})
	}
	return c
}

// leave ends the crowd and returns what its refusals took.
func (c *crowd) leave() refusals {
	c.stop()
	c.all.Wait()
	return c.seen
}

// step is one request of a visitor.
func (a *arena) step(v *visitor, rng *rand.Rand, m mix) {
	n := rng.IntN(100)
	if n < m.create {
		v.create(a.names.next())
		return
	}
	x := a.ledger.pick(rng.IntN(1 << 30))
	if x == nil {
		v.create(a.names.next())
		return
	}
	switch n -= m.create; {
	case n < m.rename:
		v.rename(x, a.names.next())
	case n < m.rename+m.timeout:
		v.timeout(x, []int{1, 3, mostTimes}[rng.IntN(3)])
	case n < m.rename+m.timeout+m.end:
		if v.end(x) != refused {
			return // no visitor has it any more
		}
	default:
		v.refresh(x)
	}
	a.ledger.put(x)
}

// populate creates sessions until there are n more, and returns them.
func (a *arena) populate(s *server, n int) []*account {
	const visitors = 16
	made := make([][]*account, visitors)
	var all sync.WaitGroup
	for i := range visitors {
		all.Go(func() {
			v := s.visitor(a.ledger)
			defer v.close()
			for range (n + visitors - 1) / visitors {
				if x := v.create(a.names.next()); x != nil {
					made[i] = append(made[i], x)
				}
			}
		})
	}
	all.Wait()
	var list []*account
	for _, m := range made {
		list = append(list, m...)
	}
	return list
}
