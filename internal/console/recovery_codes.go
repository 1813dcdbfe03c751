package console

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

const (
	codesPath    = secondFactorPath + "recovery-codes/"
	newCodesPath = codesPath + "new/"
)

// freshCodes are new recovery codes on their way to the page that shows them. A form
// redirects to that page, so a reload sends no form again, which would make others.
type freshCodes struct {
	User  uint64
	Codes []string
}

// freshLife is how long they wait there: a redirect takes a moment.
const freshLife = 3 * time.Minute

var freshCodesCookie = page.Cookie{Name: "admincodes", Path: secondFactorPath, SameSite: "Lax"}

// codesForm answers GET /admin/second-factor/recovery-codes/.
func (s *console) codesForm(r *request) error { return s.showCodesForm(r, form{}) }

func (s *console) showCodesForm(r *request, f form) error {
	p := factorPage{
		frame: s.frame(r, "New recovery codes", secondFactorCrumb), Action: codesPath, Button: "Make new codes",
		What: []string{"The next page shows ten new recovery codes, once. The codes that you have now no longer count."},
	}
	if !r.user.Factors.Any() {
		p.Cannot = "Recovery codes come with a second factor, and you have none yet."
	}
	return s.showFactor(r, f, p)
}

// codesMake answers POST /admin/second-factor/recovery-codes/.
func (s *console) codesMake(r *request) error {
	by, err := s.confirmed(r)
	var made account.FactorChange
	if err == nil {
		made, err = s.Accounts.NewRecoveryCodes(r.UserContext(), by, r.user.ID)
	}
	if err != nil {
		return refuse(r, err, func(f form) error { return s.showCodesForm(r, f) })
	}
	return s.factorChanged(r, made, "codes.made")
}

type newCodesPage struct {
	frame
	Codes []string // none: they were shown before
	Host  string   // which server they are for
}

// codesShow answers GET /admin/second-factor/recovery-codes/new/: once.
func (s *console) codesShow(r *request) error {
	p := &newCodesPage{frame: s.frame(r, "Your recovery codes", secondFactorCrumb), Host: string(r.Request().Header.Host())}
	made, ok := s.fresh.get(r.Ctx)
	if ok && made.User == r.user.ID && r.Method() == fiber.MethodGet && !page.IsPrefetch(r.Ctx) {
		s.fresh.drop(r.Ctx)
		p.Codes = made.Codes
	}
	return s.render(r, "recovery_codes", p)
}
