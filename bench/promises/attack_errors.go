//go:build linux

package promises

import "time"

// errorsAttack makes writes and fsyncs of a server under load fail.
func errorsAttack() Attack {
	return Attack{
		Name: "errors", About: "EIO, ENOSPC and EDQUOT at an fsync or a write, once or for two seconds; then it heals, stops or dies",
		Promises: []string{"P1", "P2", "P3", "P5", "P9", "P10"}, CI: 50, Long: 200,
		Needs: []need{root(), program("strace", "strace")}, Run: runErrors,
	}
}

// failures are what is injected in turn; most are the plain failed fsync.
func failures() []string {
	const eio = "fdatasync:error=EIO"
	return []string{
		eio, eio, "fdatasync:error=ENOSPC", eio, "pwrite64:error=ENOSPC", eio, eio, "fdatasync:error=EDQUOT", eio, "pwrite64:error=EIO",
	}
}

func runErrors(a *arena) error {
	c := &chain{arena: a}
	list := failures()
	err := a.each(func(i int) error {
		return c.next(func(s *server) death {
			d, err := c.failing(s, list[i%len(list)], i)
			if err != nil {
				a.ledger.fault("P10", "%v", err)
				return s.kill()
			}
			return d
		})
	})
	if err != nil {
		return err
	}
	return c.close()
}

// failing has calls of a server under load fail. One server in five dies before it
// has healed; every tenth failure lasts.
func (c *chain) failing(s *server, how string, i int) (death, error) {
	some := c.populate(s, 32)
	crowd := c.crowd(s, 6, usual())
	defer crowd.leave()
	c.pause(c.between(time.Millisecond, 200*time.Millisecond))
	in, err := c.inject(s, how)
	if err != nil {
		return death{}, err
	}
	if !in.waitHit(3 * time.Second) {
		in.stop()
		return s.kill(), nil // no such call came
	}
	lasting := i%10 == 9
	if lasting {
		c.pause(500 * time.Millisecond)
		c.bears(s, "P10", some, yes, later)
		c.pause(time.Second)
	}
	in.stop()
	if i%5 == 3 {
		d := s.kill()
		d.faulty = true
		return d, nil
	}
	if !c.heals(s, "P10", 10*time.Second) {
		return s.kill(), nil
	}
	if i%2 == 0 {
		crowd.leave()
		return c.stop(s), nil
	}
	c.pause(c.between(0, 2*window))
	d := s.kill()
	d.faulty = true
	return d, nil
}
