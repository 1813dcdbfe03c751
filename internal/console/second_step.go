package console

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

// A signInTicket says that a right password was entered in this browser. It signs no user
// in: the second step does, with a code, on a page of its own.
type signInTicket struct {
	account.Ticket
	account.Factors
	Name string // as it was typed
	Next string // the page to go on to
}

// id tells the sign-ins of one browser apart.
func (t signInTicket) id() string { return strconv.FormatInt(t.At.UnixMicro(), 36) }

// ticketCookie goes only to the pages of the sign-in.
var ticketCookie = page.Cookie{Name: "adminticket", Path: "/admin/login/", SameSite: "Lax"}

const secondStepPath = "/admin/login/second/"

// wasUnfinished is the reason when a sign-in has to begin again.
const wasUnfinished = "unfinished"

// A secondPage asks for the second factor of a user whose password was right.
type secondPage struct {
	frame
	Name   string
	App    bool // whether they have an authenticator app
	Key    passkeyOffer
	Ticket string // the sign-in that the form belongs to
	Wrong  string
}

// toSecondStep leads a browser with the right password to the second step.
func (s *console) toSecondStep(r *request, need *account.SecondFactorError, name, next string) error {
	t := signInTicket{need.Ticket, need.Factors, name, next}
	err := s.tickets.set(r.Ctx, t)
	if err != nil { // the address is too long for a cookie
		t.Next = nextOf("")
		err = s.tickets.set(r.Ctx, t)
	}
	if err != nil {
		return err
	}
	return r.Redirect(secondStepPath, fiber.StatusSeeOther)
}

// secondStepForm answers GET /admin/login/second/. Without a ticket it leads on if the
// operator is signed in, as after the browser's Back, and to the sign-in page otherwise.
func (s *console) secondStepForm(r *request) error {
	if t, ok := s.tickets.get(r.Ctx); ok {
		return s.showSecondStep(r, t, "")
	}
	return s.withoutTicket(r)
}

func (s *console) withoutTicket(r *request) error {
	known, err := s.loggedIn(r, true)
	switch {
	case err != nil:
		return err
	case known:
		return r.Redirect(nextOf(""), fiber.StatusSeeOther)
	}
	return r.Redirect(signInAgain(nextOf(""), wasUnfinished), fiber.StatusSeeOther)
}

func (s *console) showSecondStep(r *request, t signInTicket, wrong string) error {
	offer, err := s.offerPasskey(r, t)
	if err != nil {
		return err
	}
	return s.render(r, "second", &secondPage{s.frame(r, "Second factor"), t.Name, t.TOTP, offer, t.id(), wrong})
}

// secondStep answers POST /admin/login/second/.
func (s *console) secondStep(r *request) error {
	t, ok, err := s.ticketOfForm(r)
	if !ok {
		return err
	}
	in, err := s.Accounts.SecondFactor(r.UserContext(), account.SecondStep{
		Ticket: t.Ticket, Code: r.field("code"), Address: r.IP(), Device: s.devices.of(r.Ctx),
	})
	return s.endStep(r, t, in, err, codeWrong)
}

// ticketOfForm returns the ticket of the sign-in that a form belongs to. If ok is false, err is
// the answer instead.
func (s *console) ticketOfForm(r *request) (t signInTicket, ok bool, err error) {
	t, ok = s.tickets.get(r.Ctx)
	switch {
	case !ok:
		return t, false, s.withoutTicket(r)
	case r.field("ticket") != t.id(): // a form of another tab, maybe of another user
		s.flash(r, page.Warning, "second.other")
		return t, false, r.Redirect(secondStepPath, fiber.StatusSeeOther)
	}
	return t, true, nil
}

// endStep answers a form of the second step, which ended with err. says returns what the page
// says of it, and "" for an error that is not for the page.
func (s *console) endStep(r *request, t signInTicket, in account.SignIn, err error, says func(error) string) error {
	switch {
	case err == nil:
		return s.signedIn(r, in, t.Next)
	case errors.Is(err, account.ErrTicket):
		return s.beginAgain(r, t)
	}
	wrong := says(err)
	if wrong == "" {
		return err
	}
	s.refusals.code(r, t.Name, err)
	refused(r, err)
	return s.showSecondStep(r, t, wrong)
}

// beginAgain leads from a ticket that no longer counts to the first step.
func (s *console) beginAgain(r *request, t signInTicket) error {
	s.tickets.drop(r.Ctx)
	return r.Redirect(signInAgain(t.Next, wasUnfinished), fiber.StatusSeeOther)
}

// wrongCode is what forms say of a code.
const wrongCode = "This code is wrong, or was used before. Enter the newest one. If that does not work either, check that your phone’s clock is right."

// codeWrong is what the second step says of an error; "" if it is not for the page.
func codeWrong(err error) string {
	if errors.Is(err, account.ErrCode) {
		return wrongCode
	}
	return loginWrong(err)
}

// signedIn ends a sign-in with a second factor, and tells the operator what they should know
// of it.
func (s *console) signedIn(r *request, in account.SignIn, next string) error {
	s.tickets.drop(r.Ctx)
	if err := s.welcome(r, in.User, in.By, next); err != nil {
		return err
	}
	if in.WrongCodes > 0 {
		s.flashCount(r, page.Warning, "codes.wrong.1", "codes.wrong", in.WrongCodes)
	}
	if in.By == account.ByRecoveryCode {
		s.flashCount(r, page.Warning, "recovery.used.1", "recovery.used", in.RecoveryCodes)
	}
	return nil
}
