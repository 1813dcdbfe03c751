package control

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"pagesession/internal/account"
)

// Pauses of Endings.
const (
	// cutOffAfter is how long an entry of a beginning may lack its end at a start. A process
	// that is being replaced writes it meanwhile.
	cutOffAfter = 30 * time.Second
	tryAgain    = 2 * time.Second
	mostBegun   = 100 // entries of beginnings at which a start looks
)

// outcomeCutOff is the outcome of an ending whose process is gone.
const outcomeCutOff = "cut off by a crash or a restart; some of these sessions may have ended"

// noteLater writes an entry as soon as the audit log takes it. If the server stops before,
// its log has the entry, and the next start finds the beginning alone.
func (e *Endings) noteLater(by account.Actor, lacks *NotAuditedError) {
	err := lacks.Err
	for wait(e.ctx, tryAgain) {
		if err = e.on.Accounts.Audit(e.ctx, by, lacks.Entries...); err == nil {
			e.update(func(s *EndingState) { s.Lacks = false })
			return
		}
	}
	lost := NotAuditedError{lacks.Entries, err}
	lost.Log(e.log.With(slog.String("user", by.Name)))
}

// noteCutOff finds beginnings of this server without an end, and notes those that still have
// none some time later.
func (e *Endings) noteCutOff() {
	var left []account.Entry
	for {
		var err error
		if left, err = e.unfinished(e.ctx); err == nil {
			break
		}
		if !wait(e.ctx, tryAgain) {
			return
		}
	}
	close(e.known)
	if len(left) == 0 || !wait(e.ctx, cutOffAfter) {
		return
	}
	for {
		if err := e.noteAll(left); err == nil || !wait(e.ctx, tryAgain) {
			return
		}
	}
}

// noteAll notes which of these are still without an end.
func (e *Endings) noteAll(left []account.Entry) error {
	for _, begun := range left {
		ended, err := e.hasEnd(e.ctx, begun)
		if err != nil {
			return err
		}
		if ended {
			continue
		}
		done := begun.Event
		done.Action = account.ActionRevokeMatch
		done = done.Filtered(account.Change{Field: account.FieldOutcome, To: outcomeCutOff})
		if err := e.on.Accounts.Audit(e.ctx, begun.Actor, done); err != nil {
			return err
		}
		e.log.Warn("ending sessions that match was cut off by a crash or a restart; the audit log has a note", slog.String("user", begun.Actor.Name))
	}
	return nil
}

// unfinished returns the beginnings of this server that have no end.
func (e *Endings) unfinished(ctx context.Context) (left []account.Entry, err error) {
	page, err := e.on.Accounts.Entries(ctx, account.EntryQuery{Action: account.ActionRevokeBegin, Limit: mostBegun})
	for _, begun := range page.Entries {
		if e.server != "" && !slices.ContainsFunc(begun.Changes, func(c account.Change) bool { return c.Field == account.FieldServer && c.To == e.server }) {
			continue
		}
		ended, err := e.hasEnd(ctx, begun)
		if err != nil {
			return nil, err
		}
		if !ended {
			left = append(left, begun)
		}
	}
	return left, err
}

// hasEnd reports whether the audit log has the end of a beginning.
func (e *Endings) hasEnd(ctx context.Context, begun account.Entry) (bool, error) {
	page, err := e.on.Accounts.Entries(ctx, account.EntryQuery{Kind: account.KindSession, ObjectID: begun.ObjectID, Action: account.ActionRevokeMatch, Limit: 1})
	return len(page.Entries) > 0, err
}

// wait returns false if ctx is done first.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
