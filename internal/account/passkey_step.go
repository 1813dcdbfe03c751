package account

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"

	"pagesession/internal/passkey"
)

// A PasskeyStep is the input of a sign-in by a passkey.
type PasskeyStep struct {
	Ticket    Ticket // of SecondFactor; the zero value for a passkey alone
	Challenge passkey.Challenge
	Answer    string // of the browser, in JSON
	Address   string // the client's address, without port
	Device    Device // as in Credentials
}

// AskPasskey begins the second step of a sign-in with a passkey of the site. The caller keeps
// the challenge where the browser cannot change it. The options are for
// navigator.credentials.get. Errors: ErrTicket, ErrNoFactor for a user without a passkey at
// this site, ErrUnavailable, ErrClosed.
func (s *Store) AskPasskey(ctx context.Context, ticket Ticket, site passkey.Site) (c passkey.Challenge, options []byte, err error) {
	c = passkey.NewChallenge(site, s.cfg.Now())
	err = s.reading(ctx, func(t tx) error {
		u := t.member(ticket.User)
		if !isFresh(ticket.At, s.now(), TicketLife) || !(step{epoch: ticket.Epoch}).admits(u) {
			return ErrTicket
		}
		of := t.passkeyUser(u, site.Host)
		if len(of.Keys) == 0 {
			return ErrNoFactor
		}
		options, err = c.Request(of)
		return err
	})
	return c, options, err
}

// SecondPasskey is SecondFactor with a passkey instead of a code. Each challenge counts once,
// on all servers. Errors: ErrPasskey instead of ErrCode, those of SecondFactor.
func (s *Store) SecondPasskey(ctx context.Context, in PasskeyStep) (SignIn, error) {
	now := s.now()
	if !isFresh(in.Ticket.At, now, TicketLife) || !in.Challenge.Counts(now) {
		return SignIn{}, ErrTicket
	}
	answer, unread := passkey.Read(in.Answer)
	var why error
	out, err := s.secondStep(ctx, step{in.Ticket.User, in.Ticket.Epoch, in.Address, in.Device}, func(c *change, u *member) accepted {
		if why = unread; why != nil {
			return accepted{}
		}
		used, err := c.usePasskey(in.Challenge, answer, c.passkey(answer, u.ID), false)
		why = err
		return used
	})
	if errors.Is(err, ErrCode) {
		err = s.refusedPasskey(in.Ticket.User, why)
	}
	return out, err
}

// refusedPasskey returns ErrPasskey with the reason, which is not for strangers. The log names
// the user whose passkey may have been copied.
func (s *Store) refusedPasskey(user uint64, why error) error {
	if why == nil {
		return ErrPasskey
	}
	if errors.Is(why, passkey.ErrCopied) {
		s.cfg.Logger.Warn("a passkey was refused because its count of signatures went back; if its user did not restore a device, there is a copy: remove the passkey",
			slog.Uint64("user_id", user))
	}
	return fmt.Errorf("%w: %w", ErrPasskey, why)
}

// passkey returns the passkey that an answer names, if it is the user's; nil for none.
func (t tx) passkey(a passkey.Answer, user uint64) *passkeyRow {
	return first(t.passkeys("WHERE credential = $1 AND user_id = $2", base64.RawURLEncoding.EncodeToString(a.ID()), user))
}

// usePasskey checks an answer of a passkey. alone: it is all that its user has shown.
func (t tx) usePasskey(c passkey.Challenge, a passkey.Answer, row *passkeyRow, alone bool) (accepted, error) {
	if row == nil {
		return accepted{}, errUnknownPasskey
	}
	key, err := c.Check(a, t.handle(row.user), row.key, alone)
	switch {
	case errors.Is(err, passkey.ErrCopied):
		return accepted{also: FieldCopied}, err
	case err != nil:
		return accepted{}, err
	case row.Host != c.Site.Host:
		return accepted{}, errors.New("it belongs to another host")
	case row.challenged >= c.At.UnixMicro():
		return accepted{}, errors.New("its challenge was used before")
	}
	return accepted{
		by:    ByPasskey,
		once:  usedProof{of: "passkey " + row.credential, at: c.At.UnixMicro()},
		spend: spendChallenge(row.credential, key, c),
	}, nil
}

var errUnknownPasskey = errors.New("it is not known here")

// spendChallenge writes that a passkey has answered a challenge.
func spendChallenge(credential string, used passkey.Key, c passkey.Challenge) func(*change) {
	return func(ch *change) {
		ch.exec("UPDATE passkeys SET sign_count = $1, flags = $2, challenged = $3, last_used = $4 WHERE credential = $5 AND challenged < $3",
			uint64(used.Count), uint64(used.Flags), c.At, ch.at, credential)
	}
}

// AskAnyPasskey begins a sign-in by a passkey alone. It reads nothing, so it says nothing of
// users and their passkeys. The caller keeps the challenge where the browser cannot change
// it. The error is about a site that cannot have passkeys.
func (s *Store) AskAnyPasskey(site passkey.Site) (c passkey.Challenge, options []byte, err error) {
	c = passkey.NewChallenge(site, s.cfg.Now())
	options, err = c.Request(passkey.User{})
	return c, options, err
}

// SignInByPasskey signs in the user whose passkey has answered the challenge and has verified
// them, without a password, and records it. A refusal counts as a failed sign-in of the
// device or the network, but of no username: a signature cannot be guessed, and so no stranger
// delays a user. Errors:
//
//   - ErrPasskey, after the same time for an unknown passkey and a wrong answer, and alike
//     for a user who may not sign in;
//   - ErrTicket for a challenge that is too old;
//   - a *ThrottledError, ErrBusy: as for Authenticate, and nothing was checked;
//   - ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) SignInByPasskey(ctx context.Context, in PasskeyStep) (out SignIn, err error) {
	if !in.Challenge.Counts(s.now()) {
		return SignIn{}, ErrTicket
	}
	a := attempt{network: networkKey(in.Address)}
	if in.Device.ID != "" {
		a.device = deviceKey(in.Device)
	}
	unknown := func(tx) *member { return nil }
	err = s.admitted(ctx, a, in.Address, unknown, func(counted) (wrong bool, err error) {
		out, err = s.passkeyAlone(ctx, in)
		if err == nil {
			s.throttle.know(nameKey(normalUsername(out.Username)), a.network)
		}
		return errors.Is(err, ErrPasskey), err
	})
	return out, err
}

// passkeyAlone checks the answer before the transaction that signs in, so wrong answers keep
// no other change waiting.
func (s *Store) passkeyAlone(ctx context.Context, in PasskeyStep) (SignIn, error) {
	answer, why := passkey.Read(in.Answer)
	var u *member
	if why == nil {
		err := s.reading(ctx, func(t tx) error {
			u, why = t.ownerOf(in.Challenge, answer, s.noPasskey)
			return nil
		})
		if err != nil {
			return SignIn{}, err
		}
	}
	if why != nil {
		return SignIn{}, s.refusePasskey(ctx, in.Address, u, why)
	}
	out, err := s.decideStep(ctx, step{u.ID, u.Epoch, in.Address, in.Device}, func(c *change, u *member) accepted {
		used, _ := c.usePasskey(in.Challenge, answer, c.passkey(answer, u.ID), true) // an error is a change since the check
		return used
	})
	if errors.Is(err, ErrCode) || errors.Is(err, ErrTicket) {
		err = ErrPasskey
	}
	return out, err
}

// ownerOf returns the user whose passkey has given a right answer. Otherwise it returns why
// not, with the user that the refusal is about, if any. An unknown passkey is checked as a
// known one, with a key of no passkey.
func (t tx) ownerOf(c passkey.Challenge, a passkey.Answer, none passkey.Key) (*member, error) {
	none.ID = a.ID()
	row := first(t.passkeys("WHERE credential = $1", base64.RawURLEncoding.EncodeToString(a.ID())))
	known := row != nil
	if !known {
		row = &passkeyRow{key: none}
	}
	u := t.member(row.user)
	_, err := t.usePasskey(c, a, row, true)
	switch {
	case !known:
		err = fmt.Errorf("%w, %w", errUnknownPasskey, err)
	case err == nil && !(step{}).admits(u):
		err = errors.New("its user may not sign in")
	}
	return u, err
}

// refusePasskey records a refusal of a passkey of u, which is nil for an unknown one.
func (s *Store) refusePasskey(ctx context.Context, address string, u *member, why error) error {
	done := about(ActionSignInFailed, u)
	done.Fields = []string{ByPasskey}
	if errors.Is(why, passkey.ErrCopied) {
		done.Fields = append(done.Fields, FieldCopied)
	}
	if err := s.logOrWait(ctx, unidentified(address), done); err != nil {
		return err
	}
	var user uint64
	if u != nil {
		user = u.ID
	}
	return s.refusedPasskey(user, why)
}
