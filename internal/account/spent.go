package account

import (
	"errors"
	"sync"
)

// spent has the proofs, such as codes, that count no more, while the database does not say
// so: for the time of a sign-in, and after one that a full disk could not record. A proof of
// a user's app, a code or a passkey is spent for good, and all earlier ones with it. The
// factors of the users bound it.
type spent struct {
	sync.Mutex
	all map[string]spending // by what it is a proof of
}

// A spending is the newest proof of a name that was used.
type spending struct {
	at    int64
	write func(*change) // makes the database say so
	kept  bool          // a full disk could not take it
}

// A usedProof names a proof: at is higher for each later one of this name.
type usedProof struct {
	of string
	at int64
}

// take spends a proof, and reports whether it was still good.
func (s *spent) take(c usedProof, write func(*change)) (ok bool) {
	s.Lock()
	defer s.Unlock()
	had, used := s.all[c.of]
	if used && had.at >= c.at {
		return false
	}
	if s.all == nil {
		s.all = map[string]spending{}
	}
	s.all[c.of] = spending{c.at, write, had.kept}
	return true
}

// settle ends a sign-in with a proof. Without an error the database knows it. On a full disk
// it stays here. After another error it counts again, unless it took the place of one that
// stays here.
func (s *spent) settle(c usedProof, err error) {
	s.Lock()
	defer s.Unlock()
	had, used := s.all[c.of]
	if !used || had.at != c.at {
		return
	}
	had.kept = had.kept || errors.Is(err, ErrFull)
	if err == nil || !had.kept {
		delete(s.all, c.of)
		return
	}
	s.all[c.of] = had
}

// unwritten returns those that the database has to be told of.
func (s *spent) unwritten() map[usedProof]func(*change) {
	s.Lock()
	defer s.Unlock()
	out := map[usedProof]func(*change){}
	for of, had := range s.all {
		if had.kept {
			out[usedProof{of, had.at}] = had.write
		}
	}
	return out
}

// written forgets those that the database has.
func (s *spent) written(all map[usedProof]func(*change)) {
	for c := range all {
		s.settle(c, nil)
	}
}
