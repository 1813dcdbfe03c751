package admin

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/account"
	"pagesession/internal/messages"
)

type passwordPage struct {
	page
	Errors account.ValidationErrors
	Rules  []string
}

// passwordForm answers GET /admin/password/.
func (s *console) passwordForm(v *visit) error { return s.showPassword(v, nil) }

func (s *console) showPassword(v *visit, wrong account.ValidationErrors) error {
	return v.Render("password", &passwordPage{page: s.page(v, "Change your password"), Errors: wrong, Rules: account.PasswordHelp()})
}

// passwordChange answers POST /admin/password/. The session goes on under a new
// id, and all others of the user end.
func (s *console) passwordChange(v *visit) error {
	password, wrong := twice(v)
	if wrong == nil {
		user, err := s.Accounts.ChangeOwnPassword(v.actor(), v.field("old"), password)
		switch {
		case err == nil:
			return s.goOn(v, user)
		case errors.Is(err, account.ErrWrongPassword):
			wrong = account.ValidationErrors{"old": {"Your old password was entered incorrectly. Please enter it again."}}
		case !errors.As(err, &wrong):
			return err
		}
	}
	v.Status(fiber.StatusUnprocessableEntity)
	return s.showPassword(v, wrong)
}

// twice returns the new password of a form, which is asked for twice.
func twice(v *visit) (string, account.ValidationErrors) {
	password := v.field("new1")
	if password != v.field("new2") {
		return "", account.ValidationErrors{account.FieldPassword: {"The two password fields didn’t match."}}
	}
	return password, nil
}

// goOn keeps this session for a user with a new epoch, and ends his others.
func (s *console) goOn(v *visit, user account.User) error {
	if _, err := s.Sessions.Update(v.Ctx, func(sess *fibersession.Session) error {
		if err := sess.Regenerate(); err != nil {
			return err
		}
		return identify(user)(sess)
	}); err != nil {
		return err
	}
	s.endOf(v, user)
	s.tell(v, messages.Success, "password.changed")
	return v.Redirect("/admin/", fiber.StatusSeeOther)
}
