package account

import (
	"context"
	"encoding/binary"
	"time"

	"pagesession/internal/fresh"
)

// setupLife is how long the setup of an authenticator app may take.
const setupLife = 15 * time.Minute

// A TOTPSetup is an authenticator app that is being set up. Nothing is stored yet.
type TOTPSetup struct {
	Secret  string // for people who type it in
	Address string // otpauth://totp/..., for a QR code
	Sealed  string // for a hidden field, and for ConfirmTOTP; good for 15 minutes
}

// A setup is the content of TOTPSetup.Sealed. Only SetUpTOTP makes it, so it proves that the
// user has entered their password.
type setup struct {
	User, Epoch uint64
	At          int64 // microseconds since 1970
	Secret      totpSecret
}

const setupPurpose = "totp setup"

// SetUpTOTP begins to set up an authenticator app for a user, and stores nothing. issuer
// names the server in the app. Operators set up their own, with the actor that Confirm
// returned; a command does it for anyone. Errors: ErrUnconfirmed, ErrForbidden, ErrNotFound,
// ErrNoSecretKey, ErrUnavailable, ErrClosed.
func (s *Store) SetUpTOTP(ctx context.Context, actor Actor, id uint64, issuer string) (out TOTPSetup, err error) {
	err = s.look(ctx, actor, "", func(c *change) error {
		u, err := c.ownFactors(id, c.proven())
		if err == nil {
			out, err = s.show(setup{u.ID, u.Epoch, c.at.UnixMicro(), newTOTPSecret()}, u.Username, issuer)
		}
		return err
	})
	return out, err
}

// TOTPSetupAgain returns a setup that is under way, to show it once more. Errors: ErrSetup,
// ErrForbidden, ErrUnavailable, ErrClosed.
func (s *Store) TOTPSetupAgain(ctx context.Context, actor Actor, sealed, issuer string) (out TOTPSetup, err error) {
	err = s.look(ctx, actor, "", func(c *change) error {
		of, u, err := s.underWay(c, sealed)
		if err == nil {
			out, err = s.show(of, u.Username, issuer)
		}
		return err
	})
	return out, err
}

// ConfirmTOTP stores the authenticator app of a setup, once, if the code is one of its codes now,
// and returns the user. It replaces an earlier app, which ends the user's other sessions. The
// user's first second factor comes with recovery codes. Errors: ErrCode, after which the
// setup goes on; ErrSetup; ErrForbidden, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) ConfirmTOTP(ctx context.Context, actor Actor, sealed, code string) (FactorChange, error) {
	return changed(ctx, s, actor, "", func(c *change) (FactorChange, error) {
		of, u, err := s.underWay(c, sealed)
		if err != nil {
			return FactorChange{}, err
		}
		step := of.Secret.match(normalCode(code), c.at, 0)
		if step == 0 {
			return FactorChange{}, ErrCode
		}
		secret, err := s.sealer.seal(totpPurpose(u.ID), of.Secret[:])
		if err != nil {
			return FactorChange{}, err
		}
		return c.gainFactor(u, ByTOTP, u.Factors.TOTP, func() {
			c.exec("DELETE FROM totp WHERE user_id = $1", u.ID)
			c.exec("DELETE FROM wrong_codes WHERE user_id = $1", u.ID)
			c.exec("INSERT INTO totp (user_id, secret, step, added) VALUES ($1, $2, $3, $4)", u.ID, secret, step, c.at)
		})
	})
}

// show returns a setup for the user, with a fresh seal.
func (s *Store) show(of setup, username, issuer string) (TOTPSetup, error) {
	plain, err := binary.Append(nil, binary.BigEndian, of)
	if err != nil {
		return TOTPSetup{}, err
	}
	sealed, err := s.sealer.seal(setupPurpose, plain)
	if err != nil {
		return TOTPSetup{}, err
	}
	address, err := of.Secret.address(issuer, username)
	return TOTPSetup{of.Secret.text(), address, sealed}, err
}

// underWay opens a setup, if it is not too old, its user is the same as when it began, and
// its app is not stored yet: each counts once.
func (s *Store) underWay(c *change, sealed string) (of setup, u *member, err error) {
	plain, err := s.sealer.open(setupPurpose, sealed)
	if err != nil {
		return setup{}, nil, ErrSetup
	}
	if _, err := binary.Decode(plain, binary.BigEndian, &of); err != nil {
		return setup{}, nil, ErrSetup
	}
	u, err = c.ownFactors(of.User, true)
	switch {
	case err != nil:
	case u.Epoch != of.Epoch, !fresh.Is(time.UnixMicro(of.At), c.at, setupLife), s.secretIs(c, u.ID, of.Secret):
		err = ErrSetup
	}
	return of, u, err
}

// secretIs reports whether this is the secret of the user's present app.
func (s *Store) secretIs(c *change, user uint64, secret totpSecret) bool {
	now, err := s.secretOf(user, c.totp(user))
	return err == nil && now == secret
}
