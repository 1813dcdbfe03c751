//go:build linux

package promises

import (
	"sync"
)

// racesEach is how many races are one cycle.
const racesEach = 1000

// raceAttack ends sessions at the moment at which they are used.
func raceAttack() Attack {
	return Attack{
		Name: "race", About: "refreshes, changes and longer timeouts against the end of the same session, 1,000 races a cycle",
		Promises: []string{"P2", "P3"}, CI: 100, Long: 1000, Run: runRace,
	}
}

func runRace(a *arena) error {
	s, err := a.boot(setup{})
	if err != nil {
		return err
	}
	err = a.each(func(int) error {
		a.ledger.forget()
		a.races(s, 8)
		return nil
	})
	if err != nil {
		return err
	}
	d := s.kill()
	if s, err = a.boot(setup{}); err != nil {
		return err
	}
	return a.recovered(s, d)
}

// races runs the races of a cycle, that many at a time.
func (a *arena) races(s *server, pairs int) {
	var all sync.WaitGroup
	for range pairs {
		r := &race{arena: a, user: s.visitor(a.ledger), ender: s.visitor(a.ledger)}
		all.Go(func() {
			defer r.user.close()
			defer r.ender.close()
			for i := range racesEach / pairs {
				r.run(i)
			}
		})
	}
	all.Wait()
}

// A race is two visitors with one session.
type race struct {
	*arena
	user, ender *visitor
}

// run has one visitor end the session while the other uses it, then looks.
func (r *race) run(i int) {
	x := r.ender.create(r.names.next())
	if x == nil {
		return
	}
	used := make(chan struct{})
	go func() {
		defer close(used)
		r.use(x, i)
	}()
	ended := r.ender.end(x)
	<-used
	got, err := r.ender.peek(x.id)
	if err == nil && got.live() && ended == yes {
		r.ledger.fault("P3", "%s is live after its end: %s", x, x.history())
	}
	if r.user.refresh(x) == yes && ended == yes {
		r.ledger.fault("P3", "%s was refreshed after its end", x)
	}
}

// use is what an end races against.
func (r *race) use(x *account, i int) {
	switch i % 4 {
	case 0:
		r.user.rename(x, r.names.next())
	case 1:
		r.user.timeout(x, mostTimes)
	default:
		const most = 20 // a session that came back would be refreshed forever
		for n := 0; n < most && r.user.refresh(x) == yes; n++ {
		}
	}
}

// forget drops all sessions, which live on in the server.
func (l *ledger) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.accounts)
	for _, o := range l.asked {
		o.answer, o.earlier = none, true // they may be listed
	}
	l.pool, l.gone = nil, nil
}
