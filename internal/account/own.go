package account

import "context"

// mustConfirm is the message when operators change their own password or e-mail address
// and have not entered their current password.
const mustConfirm = "Enter your current password: a change of your password or email address needs it."

// Confirm checks the actor's current password, and returns the actor with the proof of it:
// with this actor a change of their own password or e-mail address is allowed, until their
// epoch changes. A wrong password counts as a failed sign-in, takes as long, and is in the
// audit log. Errors: ErrWrongPassword, a *ThrottledError, ErrForbidden for an actor who is
// not a user of the console, ErrBusy, ErrFull, ErrUnavailable, ErrClosed. on is the browser,
// as for Authenticate.
func (s *Store) Confirm(ctx context.Context, actor Actor, on Device, password string) (Actor, error) {
	find := func(t tx) *member { return t.member(actor.UserID) }
	known, err := read(ctx, s, find)
	if err != nil {
		return Actor{}, err
	}
	if actor.Via != ViaConsole || known == nil {
		return Actor{}, ErrForbidden
	}
	name := normalUsername(known.Username)
	a, err := s.attempt(ctx, name, actor.Address, on)
	if err != nil {
		return Actor{}, err
	}
	err = s.try(ctx, a, name, actor.Address, find, password, func(now *member, found checked) (wrong bool, err error) {
		if !found.right {
			return true, s.refuse(ctx, actor, now, ErrWrongPassword)
		}
		actor.confirmed = now.proof()
		return false, nil
	})
	if err != nil {
		return Actor{}, err
	}
	return actor, nil
}

// unconfirmed returns a message if the change gives actors of the console another password
// or e-mail address of their own, and they have not entered their current password. u and
// hash are the user as they are to be stored. putUser asks this for each write; changes ask
// it earlier, to report it together with other mistakes.
func (c *change) unconfirmed(u User, hash string) []string {
	if !c.self(u) || hash == c.by.hash && u.Email == c.by.Email || c.actor.confirmed == c.by.proof() {
		return nil
	}
	return []string{mustConfirm}
}

// newHashed stands for the hash of a new password that is not computed yet.
const newHashed = "new"
