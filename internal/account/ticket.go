package account

import (
	"context"
	"errors"
	"time"
)

// A Ticket says that a user has entered their password. It signs no user in. The caller keeps
// it where the browser can neither read nor change it.
type Ticket struct {
	User  uint64
	Epoch uint64    // of the user; a change of it ends the ticket
	At    time.Time // UTC, in microseconds; when the password was checked
}

// TicketLife is how long after the password the second factor has to follow.
const TicketLife = 5 * time.Minute

// A SecondFactorError is ErrSecondFactor with what the second step needs.
type SecondFactorError struct {
	Ticket  Ticket
	Factors Factors // that the user has; a recovery code does as well
}

func (e *SecondFactorError) Error() string { return ErrSecondFactor.Error() }

// Is reports whether target is ErrSecondFactor.
func (e *SecondFactorError) Is(target error) bool { return target == ErrSecondFactor }

// halfway ends the first step of a sign-in with a *SecondFactorError. It stores a renewed
// hash, unless the disk is full.
func (s *Store) halfway(ctx context.Context, u *member, fresh string) error {
	if fresh != "" {
		err := s.change(ctx, trusted, "", func(c *change) error {
			c.exec("UPDATE users SET hash = $1 WHERE id = $2 AND hash = $3", fresh, u.ID, u.hash)
			return nil
		})
		if err != nil && !errors.Is(err, ErrFull) {
			return err
		}
	}
	return s.ticketFor(u)
}

func (s *Store) ticketFor(u *member) error {
	return &SecondFactorError{Ticket{u.ID, u.Epoch, s.now()}, u.Factors}
}
