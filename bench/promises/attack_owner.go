//go:build linux

package promises

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// rivals is how many processes want the file at the same time.
const rivals = 4

// ownerAttack has several processes want one file.
func ownerAttack() Attack {
	return Attack{
		Name: "owner", About: "four more processes on the file of a server, then five starts at once", Promises: []string{"P1", "P11"},
		CI: 3, Long: 25, Run: runOwner,
	}
}

func runOwner(a *arena) error {
	c := &chain{arena: a}
	err := a.each(func(int) error {
		return c.next(func(s *server) death {
			d := c.under(s, 8, func(s *server) death {
				c.intrude(s)
				return s.kill()
			})
			return c.startAtOnce(d)
		})
	})
	if err != nil {
		return err
	}
	return c.close()
}

// intrude starts processes that must end by themselves and name the holder.
func (c *chain) intrude(s *server) {
	var all sync.WaitGroup
	for range rivals {
		rival, err := c.start(c.opt)
		if err != nil {
			c.ledger.fault("P11", "%v", err)
			continue
		}
		all.Go(func() {
			if !rival.endsWithin(stopTime) {
				c.ledger.fault("P11", "a second process is still there after %v", stopTime)
				rival.kill()
			} else if name := fmt.Sprint(s.pid()); rival.err == nil || !strings.Contains(rival.lastWords(), name) {
				c.ledger.fault("P11", "a second process ended with %v and does not name process %s: %s", rival.err, name, rival.lastWords())
			}
		})
	}
	all.Wait()
	if !s.alive() {
		c.ledger.fault("P11", "the first process ended: %s", s.lastWords())
	}
}

// startAtOnce starts several servers at the same time: one of them serves.
func (c *chain) startAtOnce(d death) death {
	var all []*server
	for range rivals + 1 {
		if s, err := c.start(c.opt); err == nil {
			all = append(all, s)
		}
	}
	for end := time.Now().Add(stopTime); len(alive(all)) > 1 && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
	}
	left := alive(all)
	if len(left) != 1 {
		c.ledger.fault("P11", "%d of %d servers run on one file after %v", len(left), len(all), stopTime)
	}
	for _, s := range left {
		if err := s.ready(stopTime); err != nil {
			c.ledger.fault("P11", "the server that has the file: %v: %s", err, s.lastWords())
		}
		s.kill()
	}
	return d
}

func alive(all []*server) (left []*server) {
	for _, s := range all {
		if s.alive() {
			left = append(left, s)
		}
	}
	return left
}
