package console

import (
	"errors"
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

// secondFactorPath is the page of an operator's own second factors. second_factor_app.go and
// recovery_codes.go have the pages below it.
const secondFactorPath = "/admin/second-factor/"

var secondFactorCrumb = crumb{"Second factor", secondFactorPath}

type secondFactorPage struct {
	frame
	account.SecondFactors
	Passkeys   []account.Passkey
	Site       string // the host name of this page
	NoPasskeys string // why browsers allow none here; "" if they do
	On         bool   // whether there is a factor
	First      bool   // one has to be set up before anything else
	Must       bool   // there has to be one
	Others     int    // other sessions of the operator
}

// secondFactor answers GET /admin/second-factor/.
func (s *console) secondFactor(r *request) error {
	found, err := s.Accounts.SecondFactors(r.UserContext(), r.user.ID)
	if err != nil {
		return err
	}
	others, err := s.sessionsOf(r, r.user.ID)
	if err != nil {
		return err
	}
	passkeys, err := s.Accounts.Passkeys(r.UserContext(), r.user.ID)
	if err != nil {
		return err
	}
	site, why := passkeySite(r.Ctx)
	return s.render(r, "second_factor", &secondFactorPage{
		Passkeys: passkeys, Site: site.Host, NoPasskeys: why,
		frame: s.frame(r, secondFactorCrumb.Title), SecondFactors: found, On: r.user.Factors.Any(),
		First: s.mustSetUp(r.user), Must: s.Accounts.MustHaveSecondFactor(r.user), Others: max(0, len(others)-1),
	})
}

// mustSetUp reports whether an operator has to set up a second factor before anything else.
func (s *console) mustSetUp(u account.User) bool {
	return u.ID != 0 && !u.Factors.Any() && s.Accounts.MustHaveSecondFactor(u)
}

// errSetUpFirst refuses a form of an operator who has to set up a second factor first.
var errSetUpFirst = errors.New("the operator has to set up a second factor first")

// setUpFirst leads an operator without the second factor that they have to have to where
// they set it up.
func setUpFirst(r *request) error {
	if r.Method() == fiber.MethodGet || r.Method() == fiber.MethodHead {
		return r.Redirect(secondFactorPath, fiber.StatusSeeOther)
	}
	return errSetUpFirst
}

// A factorPage asks for the current password before a change of the second factor.
type factorPage struct {
	frame
	form
	What   []string // the change does
	Cannot string   // why there is nothing to do; "" if there is
	Danger bool
	Button string
	Action string // where the form goes
}

// removesLastFactor adds to a page what follows if it removes the operator's last second
// factor, or that this is not allowed.
func (s *console) removesLastFactor(r *request, p *factorPage) {
	if s.Accounts.MustHaveSecondFactor(r.user) {
		p.Cannot = "Operators like you need a second factor here, and this is your only one. Set up another one first."
		return
	}
	p.What = append(p.What, "It is your only second factor, so your recovery codes are removed, too. Then your password alone signs you in.")
}

func (s *console) showFactor(r *request, f form, p factorPage) error {
	p.form = f
	return s.render(r, "second_factor_form", &p)
}

// confirmed returns the operator with the proof of their current password, which the form
// has. A wrong one is a mistake in its field.
func (s *console) confirmed(r *request) (account.Actor, error) {
	typed := r.field(account.FieldOldPassword)
	if typed == "" {
		return account.Actor{}, account.ValidationErrors{account.FieldOldPassword: {"Enter your current password."}}
	}
	by, err := s.Accounts.Confirm(r.UserContext(), r.actor(), s.devices.of(r.Ctx), typed)
	s.refusals.confirm(r, err)
	if errors.Is(err, account.ErrWrongPassword) {
		return account.Actor{}, account.ValidationErrors{account.FieldOldPassword: {"Your current password is wrong. Enter it again."}}
	}
	return by, err
}

// factorChanged goes on after a change of the operator's own factors: with new recovery
// codes to their page, otherwise to the overview.
func (s *console) factorChanged(r *request, change account.FactorChange, says string) error {
	next := secondFactorPath
	if len(change.Codes) > 0 {
		next = newCodesPath
		if err := s.fresh.set(r.Ctx, freshCodes{change.User.ID, change.Codes}); err != nil {
			s.Logger.Error("new recovery codes could not be shown; the operator has to make others", slog.Any("error", err))
		}
	}
	if change.User.Epoch != r.user.Epoch {
		return s.goOn(r, change.User, says, next)
	}
	s.flash(r, page.Success, says)
	return r.Redirect(next, fiber.StatusSeeOther)
}
