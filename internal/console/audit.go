package console

import (
	"log/slog"

	"pagesession/internal/account"
	"pagesession/internal/page"
	"pagesession/storage/record"
)

// audit notes in the audit log what was done to sessions. It is done by then:
// when the note fails, nothing can be taken back, so the operator is told, and the
// server's log has what the audit log lacks.
func (s *console) audit(r *request, entries ...account.Event) {
	err := s.Accounts.Audit(r.actor(), entries...)
	if err == nil {
		return
	}
	for _, e := range entries {
		s.Logger.Error("this was done, and is not in the audit log", slog.String("user", r.user.Username), slog.String("action", string(e.Action)),
			slog.String("object", e.Object), slog.Int("count", e.Count), slog.Any("error", err))
	}
	s.flash(r, page.Error, "not.recorded")
}

// revoked is the entry of a session that was ended. Its fingerprint is what people
// read; of a million sessions two may share one.
func revoked(h record.Handle) account.Event {
	return account.Event{Action: account.ActionRevoke, Kind: account.KindSession, ObjectID: h.String(), Object: h.Fingerprint()}
}
