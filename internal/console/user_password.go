package console

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/messages"
)

type userPasswordPage struct {
	page
	form
	Of    account.User
	Rules []string
}

// userPasswordForm answers GET /admin/users/<id>/password/.
func (s *console) userPasswordForm(v *visit) error {
	u, err := s.Accounts.User(v.id())
	if err != nil {
		return err
	}
	return s.showUserPassword(v, new(userPasswordPage), u)
}

func (s *console) showUserPassword(v *visit, p *userPasswordPage, u account.User) error {
	if !tools(v.user, u).Password {
		return status(fiber.StatusForbidden)
	}
	p.page = s.page(v, "Set the password of "+u.Username, usersCrumb, crumb{u.Username, userURL(u.ID)})
	p.Of, p.Rules = u, account.PasswordHelp()
	return v.Render("user_password", p)
}

// userPassword answers POST /admin/users/<id>/password/. The user's sessions in
// the console are over; his own the operator goes on with, under a new id.
func (s *console) userPassword(v *visit) error {
	u, err := s.Accounts.User(v.id())
	if err != nil {
		return err
	}
	password, wrong := twice(v)
	if wrong != nil {
		return s.userPasswordRefused(v, u, wrong)
	}
	after, err := s.Accounts.SetPassword(v.actor(), u.ID, password)
	if err != nil {
		return s.userPasswordRefused(v, u, err)
	}
	if after.ID == v.user.ID {
		return s.goOn(v, after)
	}
	s.endOf(v, after)
	s.tell(v, messages.Success, "user.password")
	return v.Redirect(userURL(after.ID), fiber.StatusSeeOther)
}

func (s *console) userPasswordRefused(v *visit, u account.User, err error) error {
	p := new(userPasswordPage)
	if err := s.explain(v, &p.form, err); err != nil {
		return err
	}
	return s.showUserPassword(v, p, u)
}
