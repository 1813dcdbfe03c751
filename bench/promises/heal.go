//go:build linux

package promises

import (
	"slices"
	"time"
)

// heals waits until the server takes creations again, and breaks a promise if it does
// not in time.
func (a *arena) heals(s *server, promise string, within time.Duration) bool {
	v := s.visitor(a.ledger)
	defer v.close()
	began := time.Now()
	for s.alive() {
		if v.create(a.names.next()) != nil {
			return true
		}
		if time.Since(began) > within {
			a.ledger.fault(promise, "no creation works %v after the cause went away: %s", within, s.lastWords())
			return false
		}
		a.pause(20 * time.Millisecond)
	}
	a.ledger.fault(promise, "the server ended: %v: %s", s.err, s.lastWords())
	return false
}

// bears judges a server that cannot write, or hardly: refreshes go on, creations are
// refused or done, and ends get one of these answers. It uses up two of the sessions.
func (a *arena) bears(s *server, promise string, some []*account, ends ...answer) {
	v := s.visitor(a.ledger)
	defer v.close()
	began := time.Now()
	v.create(a.names.next())
	x, y := a.ledger.take(some[0]), a.ledger.take(some[1])
	for _, x := range []*account{x, y} {
		if x == nil {
			continue // a visitor has it
		}
		due := x.least(func(*op) bool { return true })
		if got := v.refresh(x); got != yes && now() < due { // to fill a slow disk can take longer than it lives
			a.ledger.fault(promise, "a refresh was answered %q", got)
		}
		if got := v.end(x); !slices.Contains(ends, got) {
			a.ledger.fault(promise, "an end was answered %q; want one of %q", got, ends)
		}
		if got, err := v.peek(x.id); err != nil || got.live() {
			a.ledger.fault(promise, "after its end a session is %q, %v", got.state, err)
		}
	}
	if took := time.Since(began); took > patience {
		a.ledger.fault(promise, "seven requests took %v", took)
	}
}

// take takes one session out of the pool; nil where a visitor has it or it has ended.
func (l *ledger) take(x *account) *account {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, a := range l.pool {
		if a == x {
			l.pool = append(l.pool[:i], l.pool[i+1:]...)
			return a
		}
	}
	return nil
}
