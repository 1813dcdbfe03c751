package app

import (
	"errors"
	"fmt"
	"time"

	"pagesession/internal/session"
	"pagesession/storage"
)

// sessions is the storage as the session policy wants it: the same methods, its
// words for what can go wrong. Records say the same.
type sessions struct{ *storage.Storage }

// Sessions is a storage as the session policy and the console want it, for what
// is put together elsewhere: their tests with a real one.
func Sessions(s *storage.Storage) interface {
	session.Store
	session.Lister
} {
	return sessions{s}
}

func record(r storage.Record) session.Record {
	return session.Record{
		State: session.State(r.Status), Reason: session.Reason(r.Reason),
		Value: r.Value(), Memo: r.Memo(), Version: r.Version,
		Age: r.Age(), IdleTimeout: r.IdleTimeout, Remaining: r.Remaining, AbsoluteRemaining: r.AbsoluteRemaining,
	}
}

func (s sessions) Refresh(k session.Key) session.Record { return record(s.Storage.Refresh(k)) }
func (s sessions) Peek(k session.Key) session.Record    { return record(s.Storage.Peek(k)) }

func (s sessions) Memoize(k session.Key, version uint64, memo any) {
	s.Storage.Memoize(k, version, memo)
}

func (s sessions) Create(k session.Key, value []byte, idle, absolute time.Duration) error {
	return translate(s.Storage.Create(k, value, storage.Lifetime{Idle: idle, Absolute: absolute}))
}

func (s sessions) Replace(k session.Key, value []byte, idle time.Duration) error {
	return translate(s.Storage.Replace(k, value, idle))
}

func (s sessions) Rotate(from, to session.Key, value []byte, idle time.Duration) error {
	return translate(s.Storage.Rotate(from, to, value, idle))
}

func (s sessions) End(k session.Key, why session.Reason) (bool, error) {
	ended, err := s.Storage.End(k, storage.Reason(why))
	return ended, translate(err)
}

// translate keeps the storage's error inside, for the log.
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
