package console

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

// A resetPage asks whether to remove all second factors of a user.
type resetPage struct {
	frame
	form
	Of     account.User
	Has    string // which factors
	Cannot string // why there is nothing to reset; "" if there is
	Must   bool   // the user has to set up a new one
}

// userSecondFactorForm answers GET /admin/users/<id>/second-factor/.
func (s *console) userSecondFactorForm(r *request) error {
	u, _, err := s.users().at(r)
	if err != nil {
		return err
	}
	return s.showReset(r, form{}, u)
}

func (s *console) showReset(r *request, f form, u account.User) error {
	p := &resetPage{
		frame: s.frame(r, "Reset the second factor of "+u.Username, usersCrumb, crumb{u.Username, userURL(u.ID)}), form: f, Of: u,
		Has: factorNames(u.Factors), Must: s.Accounts.MustHaveSecondFactor(u),
	}
	switch {
	case u.ID == r.user.ID:
		p.Cannot = "This is you. Change your own second factor on the page “Second factor”, or ask another superuser to reset it."
	case !u.Factors.Any():
		p.Cannot = "The user has no second factor."
	}
	return s.render(r, "user_second_factor", p)
}

// userSecondFactor answers POST /admin/users/<id>/second-factor/: the user signs in with
// their password alone.
func (s *console) userSecondFactor(r *request) error {
	u, _, err := s.users().at(r)
	if err != nil {
		return err
	}
	if u.ID == r.user.ID {
		r.Status(fiber.StatusForbidden)
		return s.showReset(r, form{}, u)
	}
	after, err := s.Accounts.ResetSecondFactors(r.UserContext(), r.actor(), u.ID)
	if err != nil {
		return refuse(r, err, func(f form) error { return s.showReset(r, f, u) })
	}
	s.endSessionsOf(r, after)
	s.flash(r, page.Success, "user.factors.reset")
	return r.Redirect(userURL(after.ID), fiber.StatusSeeOther)
}

// factorNames are the second factors of a user in words.
func factorNames(f account.Factors) string {
	switch {
	case f.TOTP && f.Passkey:
		return "authenticator app, passkey"
	case f.TOTP:
		return "authenticator app"
	case f.Passkey:
		return "passkey"
	default:
		return "none"
	}
}
