package console

import (
	"errors"
	"log/slog"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/account"
	"pagesession/internal/messages"
)

type passwordPage struct {
	page
	form
	Rules []string
}

// passwordForm answers GET /admin/password/.
func (s *console) passwordForm(v *visit) error { return s.showPassword(v, new(passwordPage)) }

func (s *console) showPassword(v *visit, p *passwordPage) error {
	p.page, p.Rules = s.page(v, "Change your password"), account.PasswordHelp()
	return v.Render("password", p)
}

// passwordChange answers POST /admin/password/. The session goes on under a new
// id, and all others of the user end.
func (s *console) passwordChange(v *visit) error {
	password, wrong := twice(v)
	if wrong != nil {
		return s.passwordRefused(v, wrong)
	}
	user, err := s.Accounts.ChangeOwnPassword(v.actor(), v.field("old"), password)
	if errors.Is(err, account.ErrWrongPassword) {
		err = account.ValidationErrors{"old": {"Your old password was entered incorrectly. Please enter it again."}}
	}
	if err != nil {
		return s.passwordRefused(v, err)
	}
	return s.goOn(v, user)
}

func (s *console) passwordRefused(v *visit, err error) error {
	p := new(passwordPage)
	if err := s.explain(v, &p.form, err); err != nil {
		return err
	}
	return s.showPassword(v, p)
}

// twice returns the new password of a form, which is asked for twice.
func twice(v *visit) (string, account.ValidationErrors) {
	password := v.field("new1")
	if password != v.field("new2") {
		return "", account.ValidationErrors{account.FieldPassword: {"The two password fields didn’t match."}}
	}
	return password, nil
}

// goOn keeps this session for a user with a new epoch, and ends his others. The
// password is another already: when the session cannot go on it is over like the
// others, and he logs in again.
func (s *console) goOn(v *visit, user account.User) error {
	_, err := s.Sessions.Update(v.Ctx, func(sess *fibersession.Session) error {
		if err := sess.Regenerate(); err != nil {
			return err
		}
		return identify(user)(sess)
	})
	s.endOf(v, user)
	s.tell(v, messages.Success, "password.changed")
	if err != nil {
		s.Logger.Warn("a session could not go on with a new password", slog.Any("error", err))
		return v.Redirect("/admin/login/", fiber.StatusSeeOther)
	}
	return v.Redirect("/admin/", fiber.StatusSeeOther)
}
