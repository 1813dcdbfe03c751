package app

import (
	"errors"
	"testing"

	"pagesession/internal/session"
	"pagesession/storage"
)

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
