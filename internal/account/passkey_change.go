package account

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"

	"pagesession/internal/passkey"
)

// A PasskeySetup is a passkey that is being made. Only SetUpPasskey makes it, so it proves
// that the user has entered their password. The caller keeps it where the browser cannot
// change it.
type PasskeySetup struct {
	User, Epoch uint64
	Challenge   passkey.Challenge
}

// SetUpPasskey begins to make a passkey for the actor at a site, and stores nothing. The
// options are for navigator.credentials.create. The actor comes from Confirm. Errors:
// ErrUnconfirmed, ErrForbidden, ErrManyPasskeys, ErrUnavailable, ErrClosed.
func (s *Store) SetUpPasskey(ctx context.Context, actor Actor, site passkey.Site) (set PasskeySetup, options []byte, err error) {
	err = s.look(ctx, actor, "", func(c *change) error {
		u, err := c.ownPasskeys(actor.UserID, c.proven())
		if err != nil {
			return err
		}
		set = PasskeySetup{u.ID, u.Epoch, passkey.NewChallenge(site, c.at)}
		options, err = set.Challenge.Creation(c.passkeyUser(u, site.Host))
		return err
	})
	return set, options, err
}

// ownPasskeys is ownFactors for operators who have room for a passkey. A command has none
// to add.
func (c *change) ownPasskeys(id uint64, proven bool) (*member, error) {
	if c.by == nil {
		return nil, ErrForbidden
	}
	u, err := c.ownFactors(id, proven)
	if err == nil && len(c.passkeysOf(id)) >= mostPasskeys {
		err = ErrManyPasskeys
	}
	return u, err
}

// AddPasskey stores the passkey of a setup, once, with the answer of the browser. The user's first
// second factor comes with recovery codes. Sessions go on. Errors: ErrPasskey for an answer
// that does not fit, or a passkey that is known already; ErrSetup for a setup that is too
// old, or not of this user as they are now; ValidationErrors of the name, after which the
// setup goes on; ErrForbidden, ErrManyPasskeys, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) AddPasskey(ctx context.Context, actor Actor, set PasskeySetup, answer, name string) (FactorChange, error) {
	return changed(ctx, s, actor, "", func(c *change) (FactorChange, error) {
		u, err := c.ownPasskeys(set.User, true)
		switch {
		case err != nil:
			return FactorChange{}, err
		case set.Epoch != u.Epoch, !set.Challenge.Counts(c.at), c.addedSince(u.ID, set.Challenge):
			return FactorChange{}, ErrSetup
		}
		name, err := passkeyName(name)
		if err != nil {
			return FactorChange{}, err
		}
		key, err := set.Challenge.Made(c.passkeyUser(u, set.Challenge.Site.Host), answer)
		if err != nil {
			return FactorChange{}, fmt.Errorf("%w: %w", ErrPasskey, err)
		}
		id := base64.RawURLEncoding.EncodeToString(key.ID)
		if len(c.passkeys("WHERE credential = $1", id)) > 0 {
			return FactorChange{}, fmt.Errorf("%w: it is known already", ErrPasskey)
		}
		return c.gainFactor(u, ByPasskey, false, func() {
			c.exec(passkeysTable.insert(1), id, u.ID, set.Challenge.Site.Host, name, base64.RawURLEncoding.EncodeToString(key.Public),
				uint64(key.Count), uint64(key.Flags), set.Challenge.At, c.at, nil)
		})
	})
}

// addedSince reports whether the user got a passkey since a setup with this challenge began. It
// is the one of the setup, or of another one that began later.
func (c *change) addedSince(user uint64, of passkey.Challenge) bool {
	return slices.ContainsFunc(c.passkeysOf(user), func(row passkeyRow) bool {
		after := row.Added.Sub(of.At)
		return after >= 0 && after < passkey.Life // later is a clock that was wrong then
	})
}

// passkeyName returns a name as it is stored, or ValidationErrors.
func passkeyName(typed string) (string, error) {
	name, wrong := normalName(typed), ValidationErrors{}
	switch {
	case name == "":
		wrong.add(FieldName, required)
	default:
		wrong.add(FieldName, checkText(name, LongestPasskeyName)...)
	}
	return name, wrong.orNil()
}

// RenamePasskey gives a passkey of a user another name. Sessions go on. Operators rename
// their own, with the actor that Confirm returned. Errors: ValidationErrors of the name,
// ErrNotFound, ErrUnconfirmed, ErrForbidden, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) RenamePasskey(ctx context.Context, actor Actor, user uint64, id, name string) error {
	return s.change(ctx, actor, "", func(c *change) error {
		u, row, err := c.ownPasskey(user, id)
		if err != nil {
			return err
		}
		if name, err = passkeyName(name); err != nil || name == row.Name {
			return err
		}
		c.exec("UPDATE passkeys SET name = $1 WHERE credential = $2", name, row.credential)
		c.audit(userEvent(ActionFactorChange, u.User, ByPasskey))
		return nil
	})
}

// RemovePasskey removes a passkey of a user, which ends their sessions. It returns the user
// with the new epoch. The last second factor takes the recovery codes along. Operators remove
// their own, with the actor that Confirm returned. Errors: ErrNotFound, ErrRequired,
// ErrUnconfirmed, ErrForbidden, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) RemovePasskey(ctx context.Context, actor Actor, user uint64, id string) (User, error) {
	return changed(ctx, s, actor, "", func(c *change) (User, error) {
		u, row, err := c.ownPasskey(user, id)
		if err != nil {
			return User{}, err
		}
		return s.loseFactor(c, u, ByPasskey, func() { c.exec("DELETE FROM passkeys WHERE credential = $1", row.credential) })
	})
}

// ownPasskey returns a passkey that the actor may change, and its user.
func (c *change) ownPasskey(user uint64, id string) (*member, passkeyRow, error) {
	u, err := c.ownFactors(user, c.proven())
	if err != nil {
		return nil, passkeyRow{}, err
	}
	for _, row := range c.passkeysOf(user) {
		if row.ID == id {
			return u, row, nil
		}
	}
	return nil, passkeyRow{}, ErrNotFound
}
