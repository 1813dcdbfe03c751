package console

import (
	"errors"
	"html/template"
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/hosts"
	"pagesession/internal/page"
	"pagesession/internal/qr"
)

// Setting up an authenticator app has two steps. The first makes a secret, which waits in a
// cookie: the accounts have sealed it. The second shows it, as a QR code and in letters, and
// stores it once a code proves that the app has it.

const (
	appPath  = secondFactorPath + "app/"
	scanPath = appPath + "scan/"
)

// setUpLife is how long that cookie lives; the accounts refuse an older setup.
const setUpLife = 15 * time.Minute

var setUpCookie = page.Cookie{Name: "admintotp", Path: secondFactorPath, SameSite: "Lax"}

// appForm answers GET /admin/second-factor/app/.
func (s *console) appForm(r *request) error { return s.showApp(r, form{}) }

func (s *console) showApp(r *request, f form) error {
	p := factorPage{
		frame: s.frame(r, "Set up an authenticator app", secondFactorCrumb), Action: appPath, Button: "Continue",
		What: []string{"You need an app on your phone, or a password manager, that shows six-digit codes (TOTP). On the next page it scans a QR code; after that, each sign-in asks for a code of the app."},
	}
	if r.user.Factors.TOTP {
		p.What = append(p.What, "The app that you have now stops working here as soon as you enter a code of the new one, and your other sessions end.")
	}
	return s.showFactor(r, f, p)
}

// appBegin answers POST /admin/second-factor/app/: it makes a secret.
func (s *console) appBegin(r *request) error {
	by, err := s.confirmed(r)
	var setup account.TOTPSetup
	if err == nil {
		setup, err = s.Accounts.SetUpTOTP(r.UserContext(), by, r.user.ID, issuer(r))
	}
	if err != nil {
		return refuse(r, err, func(f form) error { return s.showApp(r, f) })
	}
	setUpCookie.Below(s.BasePath).Set(r.Ctx, setup.Sealed, setUpLife)
	return r.Redirect(scanPath, fiber.StatusSeeOther)
}

// issuer is what the app calls this server. Without the host's name, the codes of several
// servers would look alike in it.
func issuer(r *request) string {
	host := hosts.Name(r.Request().Header.Host())
	if strings.ContainsAny(host, "[]:") { // an address of IPv6, which the app could not show
		return "pagesession"
	}
	return "pagesession " + host
}

// A scanPage shows the secret, and asks for a code of the app.
type scanPage struct {
	frame
	form
	Waits   bool // a setup has begun
	Picture template.HTML
	Secret  string // in groups of four
	App     string // the address, behind otpauth://, that opens an app on the same device
}

// appScan answers GET /admin/second-factor/app/scan/.
func (s *console) appScan(r *request) error {
	return s.showScan(r, form{})
}

func (s *console) showScan(r *request, f form) error {
	p := &scanPage{frame: s.frame(r, "Scan the QR code", secondFactorCrumb), form: f}
	_, setup, err := s.setUp(r)
	switch {
	case errors.Is(err, account.ErrSetup):
		p.Title = "Nothing to scan"
	case err != nil:
		return err
	default:
		p.show(setup, s.Logger)
	}
	return s.render(r, "second_factor_scan", p)
}

func (p *scanPage) show(setup account.TOTPSetup, log *slog.Logger) {
	p.Waits, p.Secret, p.App = true, account.LetterGroups(setup.Secret, 4, " "), strings.TrimPrefix(setup.Address, "otpauth://")
	code, err := qr.New(setup.Address)
	if err != nil { // the secret can be typed
		log.Error("no QR code", slog.Any("error", err))
		return
	}
	p.Picture = code.SVG("QR code for your authenticator app")
}

// setUp returns the setup that the browser brings. Without one that this user may finish
// the error is account.ErrSetup.
func (s *console) setUp(r *request) (text string, setup account.TOTPSetup, err error) {
	for _, text := range setUpCookie.Below(s.BasePath).Values(r.Ctx) {
		setup, err := s.Accounts.TOTPSetupAgain(r.UserContext(), r.actor(), text, issuer(r))
		if errors.Is(err, account.ErrSetup) || errors.Is(err, account.ErrForbidden) { // another user's
			continue
		}
		return text, setup, err
	}
	return "", account.TOTPSetup{}, account.ErrSetup
}

// appConfirm answers POST /admin/second-factor/app/scan/.
func (s *console) appConfirm(r *request) error {
	text, _, err := s.setUp(r)
	var done account.FactorChange
	if err == nil {
		done, err = s.Accounts.ConfirmTOTP(r.UserContext(), r.actor(), text, r.field("code"))
	}
	if errors.Is(err, account.ErrSetup) {
		r.Status(fiber.StatusConflict)
		return s.showScan(r, form{})
	}
	if errors.Is(err, account.ErrCode) {
		err = account.ValidationErrors{"code": {wrongCode}}
	}
	if err != nil {
		return refuse(r, err, func(f form) error { return s.showScan(r, f) })
	}
	setUpCookie.Below(s.BasePath).Delete(r.Ctx)
	return s.factorChanged(r, done, "app.added")
}

// appRemoveForm answers GET /admin/second-factor/app/remove/.
func (s *console) appRemoveForm(r *request) error { return s.showAppRemove(r, form{}) }

func (s *console) showAppRemove(r *request, f form) error {
	p := factorPage{
		frame: s.frame(r, "Remove the authenticator app", secondFactorCrumb), Action: appPath + "remove/", Button: "Remove the app", Danger: true,
		What: []string{"Codes of your authenticator app no longer count, and your other sessions end."},
	}
	switch {
	case !r.user.Factors.TOTP:
		p.Cannot = "You have no authenticator app here."
	case !r.user.Factors.Passkey:
		s.removesLastFactor(r, &p)
	}
	return s.showFactor(r, f, p)
}

// appRemove answers POST /admin/second-factor/app/remove/.
func (s *console) appRemove(r *request) error {
	by, err := s.confirmed(r)
	var u account.User
	if err == nil {
		u, err = s.Accounts.RemoveTOTP(r.UserContext(), by, r.user.ID)
	}
	if err != nil {
		return refuse(r, err, func(f form) error { return s.showAppRemove(r, f) })
	}
	return s.goOn(r, u, "app.removed", secondFactorPath)
}
