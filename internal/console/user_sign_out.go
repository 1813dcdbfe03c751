package console

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
)

// userSignOut answers POST /admin/users/<id>/sign-out/: it ends the user's sessions in the
// console, also those at other servers.
func (s *console) userSignOut(r *request) error {
	u, _, err := s.users().at(r)
	if err != nil {
		return err
	}
	after, err := s.Accounts.SignOut(r.UserContext(), r.actor(), u.ID)
	if err != nil {
		return err
	}
	s.endSessionsOf(r, after)
	s.flash(r, page.Success, "user.signed.out")
	return r.Redirect(userURL(u.ID), fiber.StatusSeeOther)
}
