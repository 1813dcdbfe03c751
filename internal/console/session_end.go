package console

import (
	"pagesession/internal/account"
	"pagesession/internal/page"
	"pagesession/storage/record"
)

// sessionEnd answers POST /admin/sessions/<handle>/end/: the visitor's next look
// says that an operator ended his session.
func (s *console) sessionEnd(r *request) error {
	row, err := s.sessionOf(r)
	if err != nil {
		return err
	}
	ended := false
	if row.State == record.Live {
		if ended, err = s.Visitors.End(row.Key, record.Revoked); err != nil {
			return err
		}
	}
	if !ended {
		s.flash(r, page.Info, "session.expired")
		return backTo(r, sessionURL(row.Handle))
	}
	s.flash(r, page.Success, "session.ended")
	s.audit(r, revoked(row.Handle))
	return backTo(r, sessionURL(row.Handle))
}

// backTo goes to a page of sessions, or to the console's first page, which has the
// notices, for operators who may end sessions but not see them.
func backTo(r *request, address string) error {
	return r.leave(r.user.Can(account.ViewSession), address)
}
