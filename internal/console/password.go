package console

import (
	"errors"
	"log/slog"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/account"
	"pagesession/internal/page"
)

// A passwordPage sets a user's password.
type passwordPage struct {
	frame
	form
	Of    account.User
	Rules []string
}

// passwordForm answers GET /admin/password/.
func (s *console) passwordForm(r *request) error { return s.showPassword(r, form{}) }

func (s *console) showPassword(r *request, f form) error {
	return s.render(r, "password", &passwordPage{s.frame(r, "Change your password"), f, r.user, account.PasswordHelp()})
}

// passwordChange answers POST /admin/password/. The session goes on under a new
// id, and all others of the user end.
func (s *console) passwordChange(r *request) error {
	user, err := setPassword(r, r.user, func(password string) (account.User, error) {
		return s.confirming(r, func(by account.Actor) (account.User, error) {
			return s.Accounts.ChangeOwnPassword(r.UserContext(), by, password)
		})
	})
	if err != nil {
		return refuse(r, err, func(f form) error { return s.showPassword(r, f) })
	}
	return s.goOn(r, user, "password.changed", "/admin/")
}

// confirming makes a change, and makes it again with the operator's current password from
// the form if the change needs that. A wrong one is a mistake in its field, together with
// the others of the change.
func (s *console) confirming(r *request, change func(by account.Actor) (account.User, error)) (account.User, error) {
	user, err := change(r.actor())
	var wrong account.ValidationErrors
	if !errors.As(err, &wrong) || wrong[account.FieldOldPassword] == nil || r.field(account.FieldOldPassword) == "" {
		return user, err
	}
	by, err := s.confirmed(r)
	var typed account.ValidationErrors
	switch {
	case errors.As(err, &typed):
		wrong[account.FieldOldPassword] = typed[account.FieldOldPassword]
		return account.User{}, wrong
	case err != nil:
		return account.User{}, err
	}
	return change(by)
}

// setPassword sets the password of a user that a form asks for twice.
func setPassword(r *request, of account.User, set func(password string) (account.User, error)) (account.User, error) {
	password, wrong := typedTwice(r, of)
	if wrong != nil {
		return account.User{}, wrong
	}
	return set(password)
}

// typedTwice returns the new password of a form, which asks for it twice. When the
// two differ it returns none, and everything that is wrong with them.
func typedTwice(r *request, of account.User) (string, account.ValidationErrors) {
	password := r.field("new1")
	if password != r.field("new2") {
		wrong := append(account.CheckPassword(password, of), "The two passwords do not match.")
		return "", account.ValidationErrors{account.FieldPassword: wrong}
	}
	return password, nil
}

// goOn keeps this session for a user with a new epoch, ends their others, and leads to the
// next page with a notice. If the session cannot go on, the user signs in again.
func (s *console) goOn(r *request, user account.User, says, next string) error {
	_, err := s.Sessions.Update(r.Ctx, func(sess *fibersession.Session) error {
		if err := sess.Regenerate(); err != nil {
			return err
		}
		return identify(user, r.view.Values.String(methodKey))(sess)
	})
	s.endSessionsOf(r, user)
	s.flash(r, page.Success, says)
	if failedToEnd(err) {
		s.Logger.Warn("session could not continue after a change of the password or the second factor; the operator has to sign in again", slog.Any("error", err))
		return r.Redirect("/admin/login/", fiber.StatusSeeOther)
	}
	return r.Redirect(next, fiber.StatusSeeOther)
}

// userPasswordForm answers GET /admin/users/<id>/password/. Operators get the page for their
// own, which asks for the current one.
func (s *console) userPasswordForm(r *request) error {
	u, _, err := s.users().at(r)
	if err != nil {
		return err
	}
	if u.ID == r.user.ID {
		return s.passwordForm(r)
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
// sessions in the console.
func (s *console) userPassword(r *request) error {
	u, _, err := s.users().at(r)
	if err != nil {
		return err
	}
	if u.ID == r.user.ID {
		return s.passwordChange(r)
	}
	after, err := setPassword(r, u, func(password string) (account.User, error) {
		return s.Accounts.SetPassword(r.UserContext(), r.actor(), u.ID, password)
	})
	if err != nil {
		return refuse(r, err, func(f form) error { return s.showUserPassword(r, f, u) })
	}
	s.endSessionsOf(r, after)
	s.flash(r, page.Success, "user.password")
	return r.Redirect(userURL(after.ID), fiber.StatusSeeOther)
}
