package storage_test

import (
	"errors"
	"testing"

	"pagesession/storage"
	"pagesession/storage/record"
)

// Package session knows the errors of every store. Those of this one wrap them.
func TestErrors_AreThoseOfEveryStore(t *testing.T) {
	for err, want := range map[error]error{
		storage.ErrEnded: record.ErrEnded, storage.ErrExists: record.ErrEnded,
		storage.ErrFull: record.ErrFull, storage.ErrTooLarge: record.ErrFull,
		storage.ErrUnavailable: record.ErrUnavailable, storage.ErrClosed: record.ErrUnavailable,
	} {
		if !errors.Is(err, want) {
			t.Errorf("%v is not %v", err, want)
		}
	}
	if errors.Is(storage.ErrExists, storage.ErrFull) || errors.Is(storage.ErrEnded, storage.ErrExists) {
		t.Error("errors that mean something else are equal")
	}
}
