package console

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/passkey"
)

// passkeyAsk answers POST /admin/login/passkey/options/. The answer is the same whether or
// not there is a passkey, or a user.
func (s *console) passkeyAsk(r *request) error {
	site, why := passkeySite(r.Ctx)
	if why != "" {
		return noPasskey(r, fiber.StatusUnprocessableEntity, why)
	}
	c, options, err := s.Accounts.AskAnyPasskey(site)
	if err == nil {
		err = s.challenges.set(r.Ctx, c)
	}
	if err != nil {
		return err
	}
	return passkeyOptions(r, options)
}

// passkeyLogin answers POST /admin/login/passkey/: a passkey that has verified its user signs
// them in without a password.
func (s *console) passkeyLogin(r *request) error {
	p := &loginPage{Next: nextOf(r.field(nextParameter))}
	c, _ := s.challenges.get(r.Ctx)
	s.challenges.drop(r.Ctx)
	in, err := s.Accounts.SignInByPasskey(r.UserContext(), account.PasskeyStep{
		Challenge: c, Answer: r.field(answerField), Address: r.IP(), Device: s.devices.of(r.Ctx),
	})
	if err == nil {
		return s.signedIn(r, in, p.Next)
	}
	if p.Wrong = passkeyWrong(err); p.Wrong == "" {
		return err
	}
	s.refusals.passkey(r, err)
	refusedPasskey(r, err)
	return s.showLogin(r, p)
}

// refusedPasskey sets the status of an error that the page explains.
func refusedPasskey(r *request, err error) {
	if errors.Is(err, account.ErrTicket) {
		r.Status(fiber.StatusUnprocessableEntity)
		return
	}
	refused(r, err)
}

// passkeyWrong is what a page says of a passkey that signed no user in; "" if the error is not
// for the page.
func passkeyWrong(err error) string {
	switch {
	case errors.Is(err, passkey.ErrCopied):
		return "This passkey was refused: its counter went back, so there may be a copy of it. Sign in another way, then remove it on the page “Second factor”."
	case errors.Is(err, account.ErrPasskey):
		return "This passkey was not accepted. It may have been removed here, it may not have verified you, or your account can no longer sign in. Sign in with your username and password."
	case errors.Is(err, account.ErrTicket):
		return "This took more than five minutes, or your browser does not keep cookies. Try again."
	default:
		return loginWrong(err)
	}
}

// A passkeyOffer says whether the user of a second step can use a passkey.
type passkeyOffer struct {
	Here bool
	Why  string // they cannot; "" for a user without passkeys
}

// offerPasskey returns the offer for a user whose password was right.
func (s *console) offerPasskey(r *request, t signInTicket) (offer passkeyOffer, err error) {
	if !t.Passkey {
		return offer, nil
	}
	site, why := passkeySite(r.Ctx)
	if why != "" {
		return passkeyOffer{Why: "Your passkey does not work at this address. " + why}, nil
	}
	all, err := s.Accounts.Passkeys(r.UserContext(), t.User)
	if err != nil {
		return offer, err
	}
	var hosts []string
	for _, p := range all {
		hosts = append(hosts, p.Host)
	}
	if slices.Contains(hosts, site.Host) {
		return passkeyOffer{Here: true}, nil
	}
	slices.Sort(hosts)
	return passkeyOffer{Why: "Your passkeys belong to " + strings.Join(slices.Compact(hosts), ", ") + " and do not work at this address."}, nil
}

// secondPasskeyAsk answers POST /admin/login/second/passkey/options/.
func (s *console) secondPasskeyAsk(r *request) error {
	t, ok := s.tickets.get(r.Ctx)
	if !ok || r.field("ticket") != t.id() {
		return s.withoutTicket(r)
	}
	site, why := passkeySite(r.Ctx)
	if why != "" {
		return noPasskey(r, fiber.StatusUnprocessableEntity, why)
	}
	c, options, err := s.Accounts.AskPasskey(r.UserContext(), t.Ticket, site)
	switch {
	case errors.Is(err, account.ErrTicket):
		return s.beginAgain(r, t)
	case errors.Is(err, account.ErrNoFactor):
		return noPasskey(r, fiber.StatusUnprocessableEntity, "You have no passkey for this address. Enter a code instead.")
	case err == nil:
		err = s.challenges.set(r.Ctx, c)
	}
	if err != nil {
		return err
	}
	return passkeyOptions(r, options)
}

// secondPasskey answers POST /admin/login/second/passkey/.
func (s *console) secondPasskey(r *request) error {
	t, ok, err := s.ticketOfForm(r)
	if !ok {
		return err
	}
	c, ok := s.challenges.get(r.Ctx)
	s.challenges.drop(r.Ctx)
	if !ok {
		refusedPasskey(r, account.ErrTicket)
		return s.showSecondStep(r, t, passkeyWrong(account.ErrTicket))
	}
	in, err := s.Accounts.SecondPasskey(r.UserContext(), account.PasskeyStep{
		Ticket: t.Ticket, Challenge: c, Answer: r.field(answerField), Address: r.IP(), Device: s.devices.of(r.Ctx),
	})
	return s.endStep(r, t, in, err, secondPasskeyWrong)
}

// secondPasskeyWrong is passkeyWrong after the password.
func secondPasskeyWrong(err error) string {
	if errors.Is(err, account.ErrPasskey) && !errors.Is(err, passkey.ErrCopied) {
		return "This passkey was not accepted. Try again, or enter a code."
	}
	return passkeyWrong(err)
}
