package console

import (
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/messages"
	"pagesession/internal/session"
)

// sessionEnd answers POST /admin/sessions/<handle>/end/: the visitor's next look
// says that an operator ended his session.
func (s *console) sessionEnd(v *visit) error {
	row, err := s.sessionOf(v)
	if err != nil {
		return err
	}
	ended := false
	if row.State == session.Live {
		if ended, err = s.Visitors.End(row.Key, session.Revoked); err != nil {
			return err
		}
	}
	if !ended {
		s.tell(v, messages.Info, "session.over")
		return s.backTo(v, sessionURL(row.Handle))
	}
	s.tell(v, messages.Success, "session.ended")
	s.record(v, revoked(row.Handle))
	return s.backTo(v, sessionURL(row.Handle))
}

// revoked is the note that a session was ended. Its fingerprint is what people
// read; of a million sessions two may share one.
func revoked(h session.Handle) account.Record {
	return account.Record{Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: h.String(), Object: h.Fingerprint()}
}

// record notes down what was done to sessions. It is done by then: when the note
// fails nothing can be taken back, so the operator is told, and the server's log
// has what the audit log has not.
func (s *console) record(v *visit, records ...account.Record) {
	err := s.Accounts.Record(v.actor(), records...)
	if err == nil {
		return
	}
	for _, r := range records {
		s.Logger.Error("this was done, and is not in the audit log", slog.String("user", v.user.Username), slog.String("action", string(r.Action)),
			slog.String("object", r.Object), slog.Int("count", r.Count), slog.Any("error", err))
	}
	s.tell(v, messages.Error, "not.recorded")
}

// backTo goes to a page of sessions, or, who may end them but not see them, to
// the console's first page, which has the notices.
func (s *console) backTo(v *visit, page string) error {
	if !v.user.Can(account.ViewSession) {
		page = "/admin/"
	}
	return v.Redirect(page, fiber.StatusSeeOther)
}
