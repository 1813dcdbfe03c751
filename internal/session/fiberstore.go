package session

import (
	"bytes"
	"errors"
	"time"

	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/storage/record"
)

var (
	errMalformed = errors.New("malformed session id")
	errNoReset   = errors.New("sessions cannot be reset through Fiber's store")
)

// Fiber returns Fiber's own session store over this policy's sessions, for
// handlers that were written for it. Each call returns a store of its own,
// whose fields the caller may set: CookieSecure is false, because Fiber
// decides it for all requests alike.
//
// Such handlers see what Fiber gives them: Get slides nothing; Save sends
// Fiber's form of the cookie, before it stores; the last of two Saves wins.
// What holds all the same: ids, timeouts and durability are the policy's, and
// Save on a session that has ended is refused with ErrEnded. What they create
// has no client info. The caller marks
// the response private (Cache-Control: no-store, Vary: Cookie), because
// nothing below it sees the response. Reset is an error.
func (p *Policy) Fiber() *fibersession.Store {
	store := p.model
	return &store
}

// plainStorage is a fiber.Storage for code that knows nothing of us and
// cannot say whether its Set means a new session or a change.
type plainStorage struct{ policy *Policy }

// Get returns a copy of a live session's value, else nil and no error: for an
// id that is unknown, ended, not one of ours, or whose value is corrupt.
func (s plainStorage) Get(id string) ([]byte, error) {
	if !wellFormed(id) {
		return nil, nil
	}
	k := record.KeyOf(id)
	rec := s.policy.store.Peek(k)
	if s.policy.usable(k, rec) == nil {
		return nil, nil
	}
	return bytes.Clone(gobOf(rec.Value)), nil
}

// Set changes a live session, or creates one under an id that was never used,
// and returns once that is durable. exp is the idle timeout; 0: the policy's.
// An empty value is ignored, as Fiber's drivers do.
//
// Errors: ErrEnded when the id has ended, ErrTimeout, ErrFull, ErrUnavailable,
// and one of its own for an id that is not one of ours.
func (s plainStorage) Set(id string, value []byte, exp time.Duration) error {
	if !wellFormed(id) {
		return errMalformed
	}
	if len(value) == 0 {
		return nil
	}
	cfg := s.policy.cfg
	if exp == 0 {
		exp = cfg.IdleTimeout
	}
	if err := cfg.allows(exp); err != nil {
		return err
	}
	k, value := record.KeyOf(id), bytes.Clone(value)
	if rec := cfg.Store.Peek(k); rec.State == record.Live {
		return cfg.Store.Replace(k, seal(rec.Value, value), exp)
	}
	return cfg.Store.Create(k, value, record.Lifetime{Idle: exp, Absolute: cfg.AbsoluteTimeout}) // ErrEnded if k was used before
}

// Delete ends a session with Deleted. An id without one is no error.
func (s plainStorage) Delete(id string) error {
	if !wellFormed(id) {
		return nil
	}
	_, err := s.policy.store.End(record.KeyOf(id), record.Deleted)
	return err
}

// Reset is refused: it would end every visitor's session.
func (plainStorage) Reset() error { return errNoReset }

// Close does nothing: whoever opened the store closes it.
func (plainStorage) Close() error { return nil }
