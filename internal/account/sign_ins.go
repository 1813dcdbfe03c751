package account

import (
	"errors"
	"sync/atomic"
)

// SignInOutcomes are the outcomes of a sign-in, or of one of its steps, in the order of SignIns.
var SignInOutcomes = [...]string{"accepted", "asked", "wrong_password", "wrong_code", "wrong_passkey", "delayed", "busy", "expired", "failed"}

// The outcomes, in the order of SignInOutcomes.
const (
	accepts = iota
	asks    // for a second factor
	wrongPassword
	wrongCode
	wrongPasskey
	delays
	isBusy
	hasExpired
	fails // the database, mostly
)

// SignIns counts the outcomes of sign-ins since Open.
type SignIns [len(SignInOutcomes)]uint64

// signIns are counted while others read.
type signIns [len(SignInOutcomes)]atomic.Uint64

// SignIns returns the counts. It is safe for concurrent use.
func (s *Store) SignIns() (n SignIns) {
	for i := range n {
		n[i] = s.signIns[i].Load()
	}
	return n
}

// count counts the outcome of a step.
func (n *signIns) count(err error) { n[outcomeOf(err)].Add(1) }

func outcomeOf(err error) int {
	if err == nil {
		return accepts
	}
	for _, is := range []struct {
		err     error
		outcome int
	}{
		{ErrSecondFactor, asks}, {ErrSignIn, wrongPassword}, {ErrCode, wrongCode}, {ErrPasskey, wrongPasskey},
		{ErrThrottled, delays}, {ErrBusy, isBusy}, {ErrTicket, hasExpired},
	} {
		if errors.Is(err, is.err) {
			return is.outcome
		}
	}
	return fails
}
