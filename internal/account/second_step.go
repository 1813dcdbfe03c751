package account

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"pagesession/internal/fresh"
)

// A SecondStep is the input of the second step of a sign-in.
type SecondStep struct {
	Ticket  Ticket
	Code    string // of the authenticator app, or a recovery code; blanks, dashes and the case of letters do not count
	Address string // the client's address, without port
	Device  Device // as in Credentials
}

// A SignIn is a sign-in with a second factor.
type SignIn struct {
	User
	By            string // ByTOTP, ByRecoveryCode or ByPasskey
	WrongCodes    int    // that came with the right password since the last sign-in
	RecoveryCodes int    // that are left
}

// SecondFactor completes a sign-in for which Authenticate returned a ticket, and records it.
// A code counts once, on all servers. A wrong one counts as a failed sign-in. Errors:
//
//   - ErrTicket when the ticket is older than TicketLife, or the user has changed since;
//   - ErrCode for a wrong code, and alike, after the same time, for one that was used, for a
//     code of an app whose secret cannot be opened (the log says so), and for one of an app
//     that had 100 wrong codes since the last sign-in;
//   - a *ThrottledError, ErrBusy: as for Authenticate, and the code was not checked;
//   - ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) SecondFactor(ctx context.Context, in SecondStep) (_ SignIn, err error) {
	defer func() { s.signIns.count(err) }()
	if !fresh.Is(in.Ticket.At, s.now(), TicketLife) {
		return SignIn{}, ErrTicket
	}
	code := normalCode(in.Code)
	return s.secondStep(ctx, step{in.Ticket.User, in.Ticket.Epoch, in.Address, in.Device}, func(c *change, u *member) accepted {
		return s.checkCode(c, u, code)
	})
}

// A step is who signs in, and from where.
type step struct {
	user    uint64
	epoch   uint64 // that the user must have; 0 for any
	address string
	device  Device
}

// accepted is what came of checking a second factor.
type accepted struct {
	by     string        // "" for a wrong one
	once   usedProof     // what it must not prove again
	spend  func(*change) // writes that
	beware error         // why a right one could not have been accepted; for the log
	also   string        // a further field of the entry about a wrong one
	alone  bool          // there was no password before it, so a wrong one is no wrong code
}

// secondStep signs a user in if check accepts their second factor. It does what all second
// factors have in common: the throttle, the user's state, the record, the counts.
func (s *Store) secondStep(ctx context.Context, in step, check func(*change, *member) accepted) (out SignIn, err error) {
	find := func(t tx) *member { return t.member(in.user) }
	known, err := read(ctx, s, find)
	if err != nil {
		return SignIn{}, err
	}
	if !in.admits(known) {
		return SignIn{}, ErrTicket
	}
	a, err := s.attempt(ctx, normalUsername(known.Username), in.address, in.device)
	if err != nil {
		return SignIn{}, err
	}
	err = s.admitted(ctx, a, in.address, find, func(counted) (wrong bool, err error) {
		out, err = s.decideStep(ctx, in, check)
		if err == nil {
			s.throttle.know(a.name, a.network)
		}
		return errors.Is(err, ErrCode), err
	})
	return out, err
}

// admits reports whether the user is still as at the first step.
func (in step) admits(u *member) bool {
	return u != nil && u.Active && u.Staff && (in.epoch == 0 || u.Epoch == in.epoch)
}

// decideStep checks a second factor and records the result in one transaction, which
// excludes others. On a full disk the record waits in memory.
func (s *Store) decideStep(ctx context.Context, in step, check func(*change, *member) accepted) (SignIn, error) {
	var out SignIn
	var got accepted
	err := s.change(ctx, trusted, "", func(c *change) error {
		u := c.member(in.user)
		if !in.admits(u) {
			return ErrTicket
		}
		out = SignIn{User: u.User, WrongCodes: c.wrongCodes(u.ID), RecoveryCodes: c.recoveryCodesLeft(u.ID)}
		got = check(c, u)
		if got.by != "" && !s.spent.take(got.once, got.spend) {
			got.by = ""
		}
		c.record(&out, got, in.address)
		return nil
	})
	if got.by != "" {
		s.spent.settle(got.once, err)
	}
	if got.beware != nil {
		s.cfg.Logger.Error("a second factor was refused", slog.String("user", out.Username), slog.Any("error", got.beware))
	}
	return out.after(s, in, got, err)
}

// record writes the result: a sign-in, or a wrong code.
func (c *change) record(out *SignIn, got accepted, address string) {
	if out.By = got.by; got.by == "" {
		c.actor = unidentified(address)
		c.audit(out.event(got))
		if !got.alone {
			c.countWrongCode(out.ID)
		}
		return
	}
	if got.by == ByRecoveryCode {
		out.RecoveryCodes--
	}
	c.actor, out.LastLogin = Console(out.User, address), c.at
	c.signedIn(out.ID, c.at)
	got.spend(c)
	c.audit(out.event(got))
}

// signedIn writes the last sign-in of a user, which ends the count of wrong codes.
func (c *change) signedIn(user uint64, at time.Time) {
	c.exec("UPDATE users SET last_login = $1 WHERE id = $2", at, user)
	c.exec("DELETE FROM wrong_codes WHERE user_id = $1", user)
}

// event returns the entry about a second step, or about a passkey alone.
func (out *SignIn) event(got accepted) Event {
	if out.By != "" {
		return userEvent(ActionSignIn, out.User, out.By)
	}
	fields := []string{FieldSecondFactor}
	if got.alone {
		fields = []string{ByPasskey}
	}
	if got.also != "" {
		fields = append(fields, got.also)
	}
	return userEvent(ActionSignInFailed, out.User, fields...)
}

// after returns the result of a second step, after its transaction ended with err.
func (out *SignIn) after(s *Store, in step, got accepted, err error) (SignIn, error) {
	full := errors.Is(err, ErrFull) && out.ID != 0
	switch {
	case err != nil && !full:
		return SignIn{}, err
	case full && got.by == "":
		s.await(unidentified(in.address), out.event(got), s.now())
	case full:
		s.await(Console(out.User, in.address), out.event(got), s.now())
	}
	if got.by == "" {
		return SignIn{}, ErrCode
	}
	return *out, nil
}
