package console

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/page"
	"pagesession/storage/record"
)

// wallEnd answers POST /admin/own-sessions/end-wall/: one wall screen of the operator ends. It
// asks for no password, as opening one does not: the operator can open it again. Screens of
// others end on the list of operators’ sessions.
func (s *console) wallEnd(r *request) error {
	row, err := s.ownWall(r)
	if err != nil {
		return err
	}
	ended := false
	if row.State == record.Live {
		ended, err = s.Operators.End(context.WithoutCancel(r.UserContext()), row.Key, record.Revoked)
	}
	switch {
	case failedToEnd(err):
		return err
	case !ended:
		s.flash(r, page.Info, "session.expired")
	default:
		s.audit(r, account.Event{Action: account.ActionRevoke, Kind: account.KindWall, Count: 1})
		s.flashWallEnded(r, err)
	}
	return r.Redirect(ownSessionsPath, fiber.StatusSeeOther)
}

func (s *console) flashWallEnded(r *request, later error) {
	if later != nil { // session.ErrNotDurable
		s.flash(r, page.Warning, "wall.later")
		return
	}
	s.flash(r, page.Success, "wall.ended")
}

// ownWall finds the wall screen of this operator that a form names. Its State is not Live if it is
// gone, or is no such session.
func (s *console) ownWall(r *request) (record.Row, error) {
	handle, err := record.ParseHandle(r.field("handle"))
	if err != nil {
		return record.Row{}, page.Status(fiber.StatusBadRequest)
	}
	row, err := s.Operators.Find(r.UserContext(), handle)
	if err != nil || row.State != record.Live || row.Subject != subjectOf(r.user.ID) || !isWall(row) {
		return record.Row{}, err
	}
	return row, nil
}
