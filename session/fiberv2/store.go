package fiberv2

import (
	"cmp"
	"context"
	"errors"
	"time"

	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/session"
	"pagesession/storage/record"
)

var (
	errMalformed = errors.New("session: malformed session id")
	errNoReset   = errors.New("session: Reset is refused, because it would end every visitor's session")
)

// Store returns Fiber's own session store over these sessions, for handlers that
// were written for it. Each call returns another store, whose fields you may set.
// CookieSecure is false and the cookie is CookieName, because Fiber has one setting for
// all requests. Fiber reads the first cookie of that name.
//
// Such handlers get Fiber's behaviour: Get extends nothing, Save sends Fiber's form
// of the cookie before it stores, and of two Saves the last wins. Ids, timeouts and
// durability are the policy's. A Save without SetExpiry keeps the session's idle
// timeout, though the cookie says the policy's. Save on a session that has ended
// returns session.ErrEnded. Reset returns an error. Sessions that these handlers
// create have no client info.
//
// Mark the response private yourself (Cache-Control: no-store, Vary: Cookie): the
// store does not see it.
func (s *Sessions) Store() *fibersession.Store {
	store := s.model
	return &store
}

// plainStorage is a fiber.Storage for code whose Set does not say whether it means a
// new session or a change.
type plainStorage struct{ *Sessions }

// Get returns a copy of a live session's gob. It returns nil and no error for an id
// that is unknown, ended or malformed, or whose value is corrupt.
func (s plainStorage) Get(id string) ([]byte, error) {
	t := session.ParseToken(id)
	v, err := s.policy.Peek(context.Background(), t)
	if err != nil || !v.Live() {
		return nil, err
	}
	k, _ := t.Key()
	rec, err := s.cfg.Config.Store.Peek(context.Background(), k)
	if err != nil || rec.State != record.Live {
		return nil, err
	}
	return []byte(session.Gob(rec.Value)), nil
}

// Set changes a live session, or creates one under an id that was never used, and
// returns once that is durable. exp is the idle timeout; 0: the policy's. It ignores
// an empty value, as Fiber's drivers do.
//
// Errors: session.ErrEnded when the id has ended, ErrTimeout, ErrSubject, ErrFull,
// ErrUnavailable, a gob error, and one for a malformed id.
func (s plainStorage) Set(id string, value []byte, exp time.Duration) error {
	k, good := session.ParseToken(id).Key()
	if !good {
		return errMalformed
	}
	if len(value) == 0 {
		return nil
	}
	return s.put(k, value, cmp.Or(exp, s.cfg.IdleTimeout))
}

func (s plainStorage) put(k record.Key, value []byte, idle time.Duration) error {
	ctx, store := context.Background(), s.cfg.Config.Store
	rec, err := store.Peek(ctx, k)
	if err != nil {
		return err
	}
	content, err := s.policy.FiberContent(&rec, value, idle)
	if err != nil {
		return err
	}
	if rec.State == record.Live {
		_, err = store.Replace(ctx, k, 0, content)
	} else {
		_, err = store.Create(ctx, k, content, s.cfg.AbsoluteTimeout) // ErrEnded if k was used before
	}
	return err
}

// Delete ends a session with the reason Deleted. An id without a session is no
// error.
func (s plainStorage) Delete(id string) error {
	_, err := s.policy.End(context.Background(), session.ParseToken(id))
	return err
}

// Reset returns an error, because it would end every visitor's session.
func (plainStorage) Reset() error { return errNoReset }

// Close does nothing; the caller closes the Store.
func (plainStorage) Close() error { return nil }
