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
	return operateThen(s, r, op, asked, func(done R) error {
		flash(done)
		return nil
	})
}

// operateThen is operate with an answer of its own.
func operateThen[Q, R any](s *console, r *request, op control.Operation[Q, R], asked Q, answer func(R) error) error {
	done, err := op.Do(r.UserContext(), control.Stores{Accounts: s.Accounts, Visitors: s.Visitors, Operators: s.Operators, Backups: s.Backups, LastEnded: s.LastEnded, Endings: s.Endings}, r.actor(), asked)
	var lacks *control.NotAuditedError
	if err != nil && !errors.As(err, &lacks) {
		return err
	}
	if err := answer(done); err != nil {
		return err
	}
	if lacks != nil {
		s.notAudited(r, lacks)
	}
	return nil
}

// operateAll does an operation on all sessions and flashes what was done.
func (s *console) operateAll(r *request, op control.Operation[control.All, control.Count], back string, flash func(control.Count)) error {
	if err := operate(s, r, op, control.All{}, flash); err != nil {
		return err
	}
	return backTo(r, back)
}

// audit notes in the audit log what was done to console sessions.
func (s *console) audit(r *request, entry account.Event) {
	if err := s.Accounts.Audit(r.UserContext(), r.actor(), entry); err != nil {
		s.notAudited(r, &control.NotAuditedError{Entries: []account.Event{entry}, Err: err})
	}
}

// notAudited tells the operator and the server's log what the audit log lacks. The
// action itself is done, and cannot be undone.
func (s *console) notAudited(r *request, lacks *control.NotAuditedError) {
	lacks.Log(s.Logger.With(slog.String("user", r.user.Username), slog.String("path", r.Route().Path)))
	s.flash(r, page.Error, "not.recorded")
}
