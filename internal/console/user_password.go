package console

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

// userPasswordForm answers GET /admin/users/<id>/password/.
func (s *console) userPasswordForm(r *request) error {
	u, _, err := s.users().at(r)
	if err != nil {
		return err
	}
	return s.showUserPassword(r, form{}, u)
}

func (s *console) showUserPassword(r *request, f form, u account.User) error {
	if !userTools(r.user, u).Password {
		return page.Status(fiber.StatusForbidden)
	}
	frame := s.frame(r, "Set the password of "+u.Username, usersCrumb, crumb{u.Username, userURL(u.ID)})
	return s.render(r, "user_password", &passwordPage{frame, f, u, account.PasswordHelp()})
}

// userPassword answers POST /admin/users/<id>/password/. It ends the user's
// sessions in the console. Operators who set their own go on, under a new id.
func (s *console) userPassword(r *request) error {
	u, _, err := s.users().at(r)
	if err != nil {
		return err
	}
	after, err := s.setPassword(r, u)
	if err != nil {
		return refuse(r, err, func(f form) error { return s.showUserPassword(r, f, u) })
	}
	if after.ID == r.user.ID {
		return s.goOn(r, after)
	}
	s.endSessionsOf(r, after)
	s.flash(r, page.Success, "user.password")
	return r.Redirect(userURL(after.ID), fiber.StatusSeeOther)
}

func (s *console) setPassword(r *request, u account.User) (account.User, error) {
	password, wrong := typedTwice(r)
	if wrong != nil {
		return account.User{}, wrong
	}
	return s.Accounts.SetPassword(r.actor(), u.ID, password)
}
