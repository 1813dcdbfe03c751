//go:build linux

package promises

import "time"

// killAttack ends the server with SIGKILL, also while it starts.
func killAttack() Attack {
	return Attack{
		Name: "kill", About: "kill -9 under load, one in five during the start", Promises: []string{"P1", "P2", "P3", "P5", "P6", "P7"},
		CI: 100, Long: 1000, Run: runKill,
	}
}

func runKill(a *arena) error {
	c := &chain{arena: a}
	err := a.each(func(i int) error {
		if i%5 == 4 {
			return c.killedAtStart()
		}
		return c.next(func(s *server) death {
			return c.under(s, 16, func(s *server) death {
				a.pause(c.moment(i))
				return s.kill()
			})
		})
	})
	if err != nil {
		return err
	}
	return c.close()
}

// killedAtStart kills a server before it is ready. What was promised before still is.
func (c *chain) killedAtStart() error {
	s, err := c.start(c.opt)
	if err != nil {
		return err
	}
	c.pause(c.between(time.Millisecond, 50*time.Millisecond))
	s.kill()
	return nil
}
