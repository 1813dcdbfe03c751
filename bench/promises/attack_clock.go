//go:build linux

package promises

import (
	"fmt"
	"time"
)

// clockAttack starts the server with another boot clock, as after a suspend that no
// process saw.
func clockAttack() Attack {
	return Attack{
		Name: "clock", About: "each start has a boot clock of its own: ahead by up to 40 s, or behind", Promises: []string{"P4", "P5"},
		CI: 8, Long: 100, Needs: []need{root(), timeNamespaces()}, Run: runClock,
	}
}

func runClock(a *arena) error {
	c := &chain{arena: a}
	ahead := time.Duration(0)
	err := a.each(func(i int) error {
		next := time.Duration([]int{0, 5, 40, -100}[i%4]) * time.Second
		c.opt.wrap = []string{"unshare", "--time", "--boottime", fmt.Sprint(int(next.Seconds()))}
		// A clock that went back counts as none: then the wall clock tells.
		c.last.shift = max(0, next-ahead)
		ahead = next
		return c.next(func(s *server) death {
			return c.under(s, 8, func(s *server) death {
				a.pause(c.moment(i))
				return s.kill()
			})
		})
	})
	if err != nil {
		return err
	}
	c.opt.wrap, c.last.shift = nil, max(0, -ahead)
	return c.close()
}
