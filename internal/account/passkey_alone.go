package account

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"pagesession/internal/passkey"
)

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
	defer func() { s.signIns.count(err) }()
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
		used.alone = true
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
