//go:build linux

package promises

import (
	"syscall"
	"time"
)

// pauseAttack stops the process for a while, as a debugger or a frozen container does.
func pauseAttack() Attack {
	return Attack{
		Name: "pause", About: "SIGSTOP for up to 2.5 s under load, idle timeout 1 s, then SIGCONT, or kill -9", Promises: []string{"P2", "P3", "P4", "P5"},
		CI: 6, Long: 100, Run: runPause,
	}
}

func runPause(a *arena) error {
	c := &chain{arena: a, opt: setup{idle: shortIdle}}
	err := a.each(func(i int) error {
		return c.next(func(s *server) death {
			d := death{}
			crowd := a.crowd(s, 8, usual())
			a.pause(a.between(200*time.Millisecond, 500*time.Millisecond))
			d.lastAct = now()
			_ = s.cmd.Process.Signal(syscall.SIGSTOP)
			a.pause(a.between(50*time.Millisecond, 2500*time.Millisecond))
			if i%3 == 2 {
				d.at = s.kill().at
				crowd.leave()
				return d
			}
			_ = s.cmd.Process.Signal(syscall.SIGCONT)
			a.pause(a.between(20*time.Millisecond, 200*time.Millisecond))
			crowd.leave()
			if err := a.audit(s); err != nil {
				a.ledger.fault("P2", "after SIGCONT: %v", err)
			}
			return s.kill()
		})
	})
	if err != nil {
		return err
	}
	return c.close()
}

// audit judges a server that goes on: what it has in memory, everything included.
func (a *arena) audit(s *server) error {
	return a.recovered(s, death{lastAct: now(), at: now(), clean: true})
}
