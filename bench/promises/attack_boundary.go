//go:build linux

package promises

import (
	"sync"
	"time"
)

// boundaryAttack looks at sessions in the milliseconds around their deadline.
func boundaryAttack() Attack {
	return Attack{
		Name: "boundary", About: "reads around the deadlines of 400 sessions a cycle, beside sessions that are refreshed late",
		Promises: []string{"P4", "P5"}, CI: 8, Long: 80, Run: runBoundary,
	}
}

const (
	shortIdle = time.Second // the shortest that the server takes
	readers   = 4
	deadlines = 100                  // of each reader in a cycle
	apart     = 8 * time.Millisecond // between two of them
	around    = 3 * time.Millisecond
)

func runBoundary(a *arena) error {
	s, err := a.boot(setup{idle: shortIdle})
	if err != nil {
		return err
	}
	stop := make(chan struct{})
	var keepers sync.WaitGroup
	for _, x := range a.populate(s, 32) {
		v, rest := s.visitor(a.ledger), a.between(300*time.Millisecond, 900*time.Millisecond)
		keepers.Go(func() { defer v.close(); v.keep(x, rest, stop) })
	}
	err = a.each(func(int) error {
		var all sync.WaitGroup
		for range readers {
			v := s.visitor(a.ledger)
			all.Go(func() { defer v.close(); v.read(a.names) })
		}
		all.Wait()
		return nil
	})
	close(stop)
	keepers.Wait()
	return err
}

// keep refreshes a session late in its life, again and again: it must never be gone.
func (v *visitor) keep(x *account, rest time.Duration, stop chan struct{}) {
	last := x.born.asked
	for {
		select {
		case <-stop:
			return
		case <-time.After(rest):
		}
		asked := now()
		got := v.refresh(x)
		if done := now(); got == no {
			if done < last+shortIdle-slack {
				v.l.fault("P4", "%s was refused %v before its deadline", x, last+shortIdle-done)
			}
			return
		}
		last = asked
	}
}

// read creates sessions one after the other and reads each around its deadline.
func (v *visitor) read(names *names) {
	var made []*account
	for range deadlines {
		began := now()
		if x := v.create(names.next()); x != nil {
			made = append(made, x)
		}
		time.Sleep(began + apart - now())
	}
	for _, x := range made {
		v.readAround(x)
	}
}

// readAround reads a session until it has been gone for a moment.
func (v *visitor) readAround(x *account) {
	least, most := x.born.asked+shortIdle, x.born.answered+shortIdle
	time.Sleep(least - around - now())
	for now() < most+around {
		got, err := v.peek(x.id)
		switch {
		case err != nil:
			return
		case got.live() && got.from >= most+time.Millisecond: // its deadline is in whole milliseconds
			v.l.fault("P4", "%s is served %v after its deadline", x, got.from-most)
			return
		case !got.live() && got.to < least-time.Millisecond:
			v.l.fault("P4", "%s is refused %v before its deadline", x, least-got.to)
			return
		}
	}
}
