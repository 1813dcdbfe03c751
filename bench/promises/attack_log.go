//go:build linux

package promises

import (
	"os"
	"time"

	"pagesession/bench/load"
)

// logAttack lets the reader of the server's log stall, or die.
func logAttack() Attack {
	return Attack{
		Name: "log", About: "the reader of standard error stalls, or dies, while 3,000 lines are logged", Promises: []string{"P1", "P2", "P12"},
		CI: 2, Long: 10, Run: runLog,
	}
}

func runLog(a *arena) error {
	c := &chain{arena: a, opt: setup{flags: []string{"--debug"}}}
	err := a.each(func(i int) error {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		defer r.Close()
		defer w.Close()
		c.opt.stderr = w
		return c.next(func(s *server) death {
			_ = w.Close() // the server has its own
			if i%2 == 1 {
				_ = r.Close()
			}
			c.noise(s)
			c.goesOn(s)
			return c.stop(s)
		})
	})
	c.opt.stderr = nil
	if err != nil {
		return err
	}
	return c.close()
}

// noise makes the server log 3,000 lines, which no pipe holds.
func (c *chain) noise(s *server) {
	conn := load.DialWithin(s.URL, time.Second)
	defer conn.Close()
	for range 3000 {
		if _, err := conn.Get("/nowhere/", ""); err != nil {
			c.ledger.fault("P2", "a request was not answered while the log stalls: %v", err)
			return
		}
	}
}

// goesOn judges that sessions are created, changed and ended within a second each.
func (c *chain) goesOn(s *server) {
	v := s.visitor(c.ledger)
	defer v.close()
	began := time.Now()
	x := v.create(c.names.next())
	if x == nil || v.rename(x, c.names.next()) != yes || v.refresh(x) != yes {
		c.ledger.fault("P2", "no session can be created, changed and refreshed any more; alive: %v", s.alive())
		return
	}
	y := v.create(c.names.next())
	if y == nil || v.end(y) != yes {
		c.ledger.fault("P2", "no session can be ended any more")
	}
	if took := time.Since(began); took > 4*time.Second {
		c.ledger.fault("P2", "five requests took %v", took)
	}
}
