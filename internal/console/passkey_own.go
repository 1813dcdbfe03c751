package console

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

const (
	passkeysPath   = secondFactorPath + "passkeys/"
	addPasskeyPath = passkeysPath + "add/"
)

// passkeyCookie has a passkey that is being made.
var passkeyCookie = page.Cookie{Name: "adminpasskey", Path: secondFactorPath, SameSite: "Lax"}

// A passkeyPage makes or renames a passkey.
type passkeyPage struct {
	frame
	form
	Name   input
	Host   string
	Action string // where the form goes
	Cannot string // why browsers allow no passkeys here; "" if they do
}

// newPasskeyPage returns the page with the name that was typed.
func (s *console) newPasskeyPage(r *request, title, name string, f form) *passkeyPage {
	line := input{
		Name: account.FieldName, Label: "Name", Value: name, Max: account.LongestPasskeyName, Required: true, Errors: f.Errors[account.FieldName],
		Hint: "So that you know which one it is: the device or the password manager, such as “Laptop”.",
	}
	return &passkeyPage{frame: s.frame(r, title, secondFactorCrumb), form: f, Name: line}
}

// passkeyAddForm answers GET /admin/second-factor/passkeys/add/.
func (s *console) passkeyAddForm(r *request) error { return s.showPasskeyAdd(r, form{}) }

func (s *console) showPasskeyAdd(r *request, f form) error {
	p := s.newPasskeyPage(r, "Add a passkey", r.text(account.FieldName), f)
	site, why := passkeySite(r.Ctx)
	p.Host, p.Cannot, p.Action = site.Host, why, addPasskeyPath
	return s.render(r, "passkey_add", p)
}

// passkeyMake answers POST /admin/second-factor/passkeys/options/: it checks the password, and
// begins a passkey.
func (s *console) passkeyMake(r *request) error {
	site, why := passkeySite(r.Ctx)
	if why != "" {
		return noPasskey(r, fiber.StatusUnprocessableEntity, why)
	}
	by, err := s.confirmed(r)
	var set account.PasskeySetup
	var options []byte
	if err == nil {
		set, options, err = s.Accounts.SetUpPasskey(r.UserContext(), by, site)
	}
	if err == nil {
		err = s.passkeys.set(r.Ctx, set)
	}
	if err != nil {
		return refuse(r, err, func(f form) error {
			wrong := f.Wrong
			if field := f.Errors[account.FieldOldPassword]; len(field) > 0 {
				wrong = field[0]
			}
			return noPasskey(r, r.Response().StatusCode(), wrong)
		})
	}
	return passkeyOptions(r, options)
}

// passkeyAdd answers POST /admin/second-factor/passkeys/add/. The setup proves that the
// password was entered.
func (s *console) passkeyAdd(r *request) error {
	set, ok := s.passkeys.get(r.Ctx)
	var made account.FactorChange
	err := error(account.ErrSetup)
	if ok {
		made, err = s.Accounts.AddPasskey(r.UserContext(), r.actor(), set, r.field(answerField), r.field(account.FieldName))
	}
	if err != nil {
		return refuse(r, err, func(f form) error { return s.showPasskeyAdd(r, f) })
	}
	s.passkeys.drop(r.Ctx)
	return s.factorChanged(r, made, "passkey.added")
}

// ownPasskey returns the operator's passkey that the address names, and whether they have no
// other one.
func (s *console) ownPasskey(r *request) (of account.Passkey, only bool, err error) {
	all, err := s.Accounts.Passkeys(r.UserContext(), r.user.ID)
	if err != nil {
		return account.Passkey{}, false, err
	}
	for _, p := range all {
		if p.ID == r.Params("id") {
			return p, len(all) == 1, nil
		}
	}
	return account.Passkey{}, false, account.ErrNotFound
}

// passkeyRenameForm answers GET /admin/second-factor/passkeys/<id>/rename/.
func (s *console) passkeyRenameForm(r *request) error { return s.showPasskeyRename(r, form{}) }

func (s *console) showPasskeyRename(r *request, f form) error {
	of, _, err := s.ownPasskey(r)
	if err != nil {
		return err
	}
	name := of.Name
	if r.Method() == fiber.MethodPost {
		name = r.text(account.FieldName)
	}
	p := s.newPasskeyPage(r, "Rename passkey", name, f)
	p.Host, p.Action = of.Host, passkeyURL(of, "rename/")
	return s.render(r, "passkey_rename", p)
}

// passkeyRename answers POST /admin/second-factor/passkeys/<id>/rename/.
func (s *console) passkeyRename(r *request) error {
	by, err := s.confirmed(r)
	if err == nil {
		err = s.Accounts.RenamePasskey(r.UserContext(), by, r.user.ID, r.Params("id"), r.field(account.FieldName))
	}
	if err != nil {
		return refuse(r, err, func(f form) error { return s.showPasskeyRename(r, f) })
	}
	return s.factorChanged(r, account.FactorChange{User: r.user}, "passkey.renamed")
}

// passkeyRemoveForm answers GET /admin/second-factor/passkeys/<id>/remove/.
func (s *console) passkeyRemoveForm(r *request) error { return s.showPasskeyRemove(r, form{}) }

func (s *console) showPasskeyRemove(r *request, f form) error {
	of, only, err := s.ownPasskey(r)
	if err != nil {
		return err
	}
	p := factorPage{
		frame: s.frame(r, "Remove passkey", secondFactorCrumb), Action: passkeyURL(of, "remove/"), Button: "Remove passkey", Danger: true,
		What: []string{
			"“" + of.Name + "” at " + of.Host + " no longer signs you in. Your other sessions end.",
			"The device or the password manager still has its half. Delete it there, too.",
		},
	}
	if only && !r.user.Factors.TOTP {
		s.removesLastFactor(r, &p)
	}
	return s.showFactor(r, f, p)
}

// passkeyRemove answers POST /admin/second-factor/passkeys/<id>/remove/.
func (s *console) passkeyRemove(r *request) error {
	by, err := s.confirmed(r)
	var user account.User
	if err == nil {
		user, err = s.Accounts.RemovePasskey(r.UserContext(), by, r.user.ID, r.Params("id"))
	}
	if errors.Is(err, account.ErrNotFound) {
		return err
	}
	if err != nil {
		return refuse(r, err, func(f form) error { return s.showPasskeyRemove(r, f) })
	}
	return s.factorChanged(r, account.FactorChange{User: user}, "passkey.removed")
}

func passkeyURL(p account.Passkey, what string) string { return passkeysPath + p.ID + "/" + what }
