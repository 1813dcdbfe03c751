//go:build linux

package promises

import "time"

// A chain is a series of servers on one file, each of which dies.
type chain struct {
	*arena
	opt  setup
	last death
	ran  bool // a server has died already
}

// next starts a server, judges it by what the last one promised, and runs it until it
// dies.
func (c *chain) next(live func(s *server) death) error {
	s, err := c.boot(c.opt)
	if err != nil {
		return err
	}
	if c.ran {
		if err := c.recovered(s, c.last); err != nil {
			return err
		}
	}
	c.last, c.ran = live(s), true
	c.panicked(s)
	return nil
}

// close judges the last death, and that a clean stop loses nothing.
func (c *chain) close() error {
	if !c.ran || c.ledger.broken() {
		return nil
	}
	if err := c.next(func(s *server) death { return c.stop(s) }); err != nil {
		return err
	}
	return c.next(func(s *server) death { return s.kill() })
}

// under has a crowd at work until crash has ended the server.
func (c *chain) under(s *server, visitors int, crash func(s *server) death) death {
	crowd := c.crowd(s, visitors, usual())
	d := crash(s)
	crowd.leave()
	return d
}

// moment is a random time after which a server dies; some are longer than W.
func (c *chain) moment(i int) time.Duration {
	if i%20 == 7 {
		return c.between(window, window+300*time.Millisecond)
	}
	return c.between(time.Millisecond, 120*time.Millisecond)
}
