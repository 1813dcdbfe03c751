package console

import (
	"errors"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/page"
)

// sessionEnd answers POST /admin/sessions/<handle>/end/. The visitor's next page
// says that an operator ended the session.
func (s *console) sessionEnd(r *request) error {
	row, err := s.sessionOf(r)
	if err != nil {
		return err
	}
	err = operate(s, r, control.EndSession, control.SessionName{Name: row.Handle.String()}, func(control.Session) {
		s.flash(r, page.Success, "session.ended")
	})
	switch {
	case errors.Is(err, control.ErrEnded), errors.Is(err, control.ErrNoSession):
		s.flash(r, page.Info, "session.expired")
	case err != nil:
		return err
	}
	return backTo(r, sessionURL(row.Handle))
}

// backTo goes to a page of sessions, or to the console's first page, which has the
// notices, for operators who may end sessions but not see them.
func backTo(r *request, address string) error {
	return r.leave(r.user.Can(account.ViewSession), address)
}
