package console

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/control"
	"pagesession/internal/page"
)

// userUnlock answers POST /admin/users/<id>/unlock/: failed sign-ins of the user no longer
// count.
func (s *console) userUnlock(r *request) error {
	u, _, err := s.users().at(r)
	if err != nil {
		return err
	}
	err = operate(s, r, control.UnlockUser, control.Username{Username: u.Username}, func(done control.Unlocked) {
		if done.Failures == 0 {
			s.flash(r, page.Info, "user.unlocked.0")
			return
		}
		s.flashCount(r, page.Success, "user.unlocked.1", "user.unlocked", done.Failures)
	})
	if err != nil {
		return err
	}
	return r.Redirect(userURL(u.ID), fiber.StatusSeeOther)
}
