//go:build linux

package promises

import (
	"os"
	"path/filepath"
)

// damagedEach is how many damaged files are one cycle.
const damagedEach = 10

// damageAttack starts servers on damaged files.
func damageAttack() Attack {
	return Attack{
		Name: "damage", About: "starts on files with flipped bits, lost, swapped and torn pages, cut and extended files, ten a cycle", Promises: []string{"P3", "P4", "P6", "P7"},
		CI: 50, Long: 1000, Run: runDamage,
	}
}

func runDamage(a *arena) error {
	c := &chain{arena: a}
	var whole []byte
	var last death
	err := c.next(func(s *server) death {
		for _, x := range a.populate(s, 600)[:100] {
			v := s.visitor(a.ledger)
			v.end(x)
			v.close()
		}
		last = a.stop(s)
		return last
	})
	if err == nil {
		whole, err = os.ReadFile(filepath.Join(a.data, "sessions.db"))
	}
	if err != nil {
		return err
	}
	last.lossy = true
	promised := a.ledger.copy()
	return a.each(func(int) error {
		for range damagedEach {
			a.ledger.restore(promised)
			if err := c.damaged(whole, last); err != nil {
				return err
			}
		}
		return nil
	})
}

// damaged starts a server on a damaged copy of a file.
func (c *chain) damaged(whole []byte, last death) error {
	left, err := filepath.Glob(filepath.Join(c.data, "sessions.db*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(c.data, "sessions.db"), c.damage(whole), 0o600); err != nil {
		return err
	}
	s, err := c.boot(c.opt)
	if err != nil {
		return err
	}
	defer s.kill()
	return c.recovered(s, last)
}

// page is the size of bbolt's pages here.
var page = os.Getpagesize()

// damage returns a copy with one to three damages.
func (a *arena) damage(whole []byte) []byte {
	b := append([]byte(nil), whole...)
	for range 1 + a.rng.IntN(3) {
		pages := len(b) / page
		if pages < 2 {
			return b
		}
		at, other := a.rng.IntN(pages)*page, a.rng.IntN(pages)*page
		switch a.rng.IntN(7) {
		case 0: // bits
			for range 1 + a.rng.IntN(8) {
				b[a.rng.IntN(len(b))] ^= 1 << a.rng.IntN(8)
			}
		case 1:
			clear(b[at : at+page])
		case 2:
			copy(b[at:at+page], b[other:other+page])
		case 3: // torn in the middle
			clear(b[at+512*a.rng.IntN(page/512) : at+page])
		case 4:
			b = b[:a.rng.IntN(len(b))]
		case 5:
			b = append(b, make([]byte, a.rng.IntN(4*page))...)
		default:
			for i := range page {
				b[at+i] = byte(a.rng.Uint32())
			}
		}
	}
	return b
}

// copy returns what the ledger promises, for restore.
func (l *ledger) copy() *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := newLedger()
	for id, a := range l.accounts {
		twin := *a
		c.accounts[id] = &twin
	}
	for name, o := range l.asked {
		twin := *o
		c.asked[name] = &twin
	}
	return c
}

// restore makes it promise that again.
func (l *ledger) restore(from *ledger) {
	twin := from.copy()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accounts, l.asked, l.gone, l.pool = twin.accounts, twin.asked, nil, nil
}
