package account

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"

	"pagesession/internal/fresh"
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
		if !fresh.Is(ticket.At, s.now(), TicketLife) || !(step{epoch: ticket.Epoch}).admits(u) {
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
func (s *Store) SecondPasskey(ctx context.Context, in PasskeyStep) (out SignIn, err error) {
	defer func() { s.signIns.count(err) }()
	now := s.now()
	if !fresh.Is(in.Ticket.At, now, TicketLife) || !in.Challenge.Counts(now) {
		return SignIn{}, ErrTicket
	}
	answer, unread := passkey.Read(in.Answer)
	var why error
	out, err = s.secondStep(ctx, step{in.Ticket.User, in.Ticket.Epoch, in.Address, in.Device}, func(c *change, u *member) accepted {
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
