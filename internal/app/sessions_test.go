package app

import (
	"errors"
	"testing"

	"pagesession/internal/session"
	"pagesession/storage"
)

// record converts by number; these numbers must stay equal.
func TestRecord_NumbersAgree(t *testing.T) {
	for want, got := range map[session.State]storage.Status{
		session.None: storage.Unknown, session.Live: storage.Live, session.Ended: storage.Ended,
	} {
		if session.State(got) != want {
			t.Errorf("status %d is state %v; want %v", got, session.State(got), want)
		}
	}
	for want, got := range map[session.Reason]storage.Reason{
		session.NoReason: storage.NoReason, session.Idle: storage.Idle, session.Absolute: storage.Absolute,
		session.Deleted: storage.Deleted, session.Revoked: storage.Revoked, session.Replaced: storage.Replaced,
	} {
		if session.Reason(got) != want {
			t.Errorf("reason %d is %v; want %v", got, session.Reason(got), want)
		}
	}
}

func TestTranslate(t *testing.T) {
	for in, want := range map[error]error{
		storage.ErrEnded: session.ErrEnded, storage.ErrFull: session.ErrFull, storage.ErrTooLarge: session.ErrFull,
		storage.ErrUnavailable: session.ErrUnavailable, storage.ErrClosed: session.ErrUnavailable,
		storage.ErrExists: session.ErrUnavailable,
	} {
		if got := translate(in); !errors.Is(got, want) || !errors.Is(got, in) {
			t.Errorf("translate(%v) = %v; want %v", in, got, want)
		}
	}
	if got := translate(nil); got != nil {
		t.Errorf("translate(nil) = %v; want nil", got)
	}
}
