package console

import (
	"errors"
	"log/slog"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/page"
)

// operate does an operation that commands have too, and flashes what was done.
func operate[Q, R any](s *console, r *request, op control.Operation[Q, R], asked Q, flash func(R)) error {
	done, err := op.Do(control.Stores{Accounts: s.Accounts, Visitors: s.Visitors}, r.actor(), asked)
	if err != nil && !errors.Is(err, control.ErrNotAudited) {
		return err
	}
	flash(done)
	if err != nil {
		s.notAudited(r, slog.Any("asked", asked), slog.Any("error", err))
	}
	return nil
}

// operateAll does an operation on all sessions, flashes how many they were, and
// goes back to a page of sessions.
func (s *console) operateAll(r *request, op control.Operation[control.All, control.Count], one, other, back string) error {
	err := operate(s, r, op, control.All{}, func(n control.Count) { s.flashCount(r, page.Success, one, other, n.Count) })
	if err != nil {
		return err
	}
	return backTo(r, back)
}

// audit notes in the audit log what was done to console sessions.
func (s *console) audit(r *request, entry account.Event) {
	if err := s.Accounts.Audit(r.actor(), entry); err != nil {
		s.notAudited(r, slog.String("action", string(entry.Action)), slog.String("object", entry.Object), slog.Int("count", entry.Count), slog.Any("error", err))
	}
}

// notAudited tells the operator and the server's log what the audit log lacks.
// It is done by then, and cannot be taken back.
func (s *console) notAudited(r *request, attrs ...any) {
	attrs = append([]any{slog.String("user", r.user.Username), slog.String("path", routed(r.Ctx))}, attrs...)
	s.Logger.Error("this was done, and is not in the audit log", attrs...)
	s.flash(r, page.Error, "not.recorded")
}
