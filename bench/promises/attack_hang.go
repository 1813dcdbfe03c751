//go:build linux

package promises

import (
	"sync"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// hangAttack has an fsync hang for 25 s.
func hangAttack() Attack {
	return Attack{
		Name: "hang", About: "an fsync hangs: changes of one session, ends and refreshes are asked, then SIGTERM", Promises: []string{"P2", "P3", "P12"},
		CI: 1, Long: 20, Needs: []need{root(), program("strace", "strace")}, Run: runHang,
	}
}

func runHang(a *arena) error {
	c := &chain{arena: a}
	err := a.each(func(int) error {
		return c.next(func(s *server) death {
			some := c.populate(s, 32)
			in, err := c.inject(s, "fdatasync:delay_enter=25000000")
			if err != nil {
				a.ledger.fault("P2", "%v", err)
				return s.kill()
			}
			defer in.stop()
			go c.nudge(s)
			c.pause(500 * time.Millisecond) // by then an fsync hangs
			c.hung(s, some)
			return c.stopHung(s, in)
		})
	})
	if err != nil {
		return err
	}
	return c.close()
}

// nudge has the server commit something.
func (c *chain) nudge(s *server) {
	v := s.visitor(c.ledger)
	defer v.close()
	v.create(c.names.next())
}

// answerTime is QueueTimeout and what a busy machine adds.
const answerTime = 6 * time.Second

// hung asks a server whose disk hangs, for changes of one session at the same time.
func (c *chain) hung(s *server, some []*account) {
	began := time.Now()
	var all sync.WaitGroup
	for n := range 4 {
		v := s.visitor(c.ledger)
		all.Go(func() {
			defer v.close()
			if got := v.rename(some[0], c.names.next()); got == yes {
				c.ledger.fault("P1", "a change was answered yes while the fsync hangs")
			}
			v.create(c.names.next())
			if got := v.refresh(some[1+n]); got != yes {
				c.ledger.fault("P9", "a refresh was answered %q while the fsync hangs", got)
			}
		})
	}
	for n := range 4 {
		v := s.visitor(c.ledger)
		all.Go(func() {
			defer v.close()
			if got := v.end(some[10+n]); got != later && got != none {
				c.ledger.fault("P3", "an end was answered %q while the fsync hangs", got)
			}
			if got, err := v.peek(some[10+n].id); err == nil && got.live() {
				c.ledger.fault("P3", "a session is live after its end while the fsync hangs")
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took > 2*answerTime {
		c.ledger.fault("P2", "two changes one after the other took %v while the fsync hangs", took)
	}
}

// stopHung tells a server whose disk hangs to stop: it serves no more, and when the
// system lets the process go, its exit code says that something may be missing.
func (c *chain) stopHung(s *server, in *injector) death {
	d := death{lastAct: now(), faulty: true}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	c.pause(stopTime)
	if status, _, err := fasthttp.GetTimeout(nil, s.URL+"/readyz", time.Second); err == nil {
		c.ledger.fault("P12", "the fsync hangs, and /readyz still answers %d %v after SIGTERM", status, stopTime)
	}
	in.stop() // which holds the process as a disk would
	if !s.endsWithin(time.Second) {
		c.ledger.fault("P12", "the server is still there after SIGTERM, although the fsync has ended: %s", s.lastWords())
	} else if code := s.cmd.ProcessState.ExitCode(); code != 3 {
		c.ledger.fault("P12", "the fsync hung, and the server ended with %d; want 3: %s", code, s.lastWords())
	}
	d.at = s.kill().at
	return d
}

// lengthenAttack gives sessions a longer timeout while commits take longer than the old
// one.
func lengthenAttack() Attack {
	return Attack{
		Name: "lengthen", About: "commits take longer than the timeout that is being lengthened; kill -9 right after the answer", Promises: []string{"P3", "P4"},
		CI: 3, Long: 50, Needs: []need{root(), program("strace", "strace")}, Run: runLengthen,
	}
}

func runLengthen(a *arena) error {
	c := &chain{arena: a, opt: setup{idle: shortIdle}}
	err := a.each(func(int) error {
		return c.next(func(s *server) death {
			some := c.populate(s, 16)
			in, err := c.inject(s, "fdatasync:delay_exit=700000")
			if err != nil {
				a.ledger.fault("P3", "%v", err)
				return s.kill()
			}
			d := c.lengthened(s, some)
			in.stop()
			return d
		})
	})
	if err != nil {
		return err
	}
	return c.close()
}

// lengthened kills a server at some moment after the changes were asked. What was ended
// for a visitor just before that has to stay ended.
func (c *chain) lengthened(s *server, some []*account) death {
	var all sync.WaitGroup
	for _, x := range some {
		v, wait := s.visitor(c.ledger), c.between(0, 600*time.Millisecond)
		all.Go(func() { defer v.close(); time.Sleep(wait); v.timeout(x, mostTimes) })
	}
	c.pause(c.between(time.Second, 4*time.Second))
	v := s.visitor(c.ledger)
	defer v.close()
	for _, x := range some {
		v.refresh(x)
	}
	d := s.kill()
	all.Wait()
	return d
}
