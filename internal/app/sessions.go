package app

import (
	"errors"
	"fmt"
	"time"

	"pagesession/internal/session"
	"pagesession/storage"
	"pagesession/storage/record"
)

// Sessions is the storage as the session policy and the console want it: the
// same methods with the policy's errors.
type Sessions struct{ *storage.Storage }

func (s Sessions) Create(k record.Key, value []byte, life record.Lifetime) error {
	return translate(s.Storage.Create(k, value, life))
}

func (s Sessions) Replace(k record.Key, value []byte, idle time.Duration) error {
	return translate(s.Storage.Replace(k, value, idle))
}

func (s Sessions) Rotate(from, to record.Key, value []byte, idle time.Duration) error {
	return translate(s.Storage.Rotate(from, to, value, idle))
}

func (s Sessions) End(k record.Key, why record.Reason) (bool, error) {
	ended, err := s.Storage.End(k, why)
	return ended, translate(err)
}

func (s Sessions) EndMany(keys []record.Key, why record.Reason) (int, error) {
	ended, err := s.Storage.EndMany(keys, why)
	return ended, translate(err)
}

func (s Sessions) EndAll(why record.Reason) (int, error) {
	ended, err := s.Storage.EndAll(why)
	return ended, translate(err)
}

// translate turns the storage's errors into the policy's and keeps the original
// inside, for the log.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, storage.ErrEnded):
		return fmt.Errorf("%w: %w", session.ErrEnded, err)
	case errors.Is(err, storage.ErrFull), errors.Is(err, storage.ErrTooLarge):
		return fmt.Errorf("%w: %w", session.ErrFull, err)
	default:
		return fmt.Errorf("%w: %w", session.ErrUnavailable, err)
	}
}
