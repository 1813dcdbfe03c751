package fiberv2

import (
	"errors"
	"math"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/session"
)

// A Change works on Fiber's session object inside Start and Update. It may call
//
//   - Get, Set and Delete, for values;
//   - SetExpiry, for the idle timeout of this session alone: at least 1 s, at most
//     the absolute timeout;
//   - Regenerate or Reset, which give the session a new id in the same step. The old
//     id then has ended with the reason Replaced, and the absolute timeout runs on.
//
// It must not call Save or Destroy, which return an error, or keep the session. The
// rules of [session.Change] hold as well.
type Change = func(*fibersession.Session) error

// errMisuse is returned for a change that did what only the policy may do.
var errMisuse = errors.New("session: a change must not call Save or Destroy; return from it to save, and call Sessions.End to end")

// forever stands for "no idle timeout", as Fiber wants a duration above 0.
const forever time.Duration = math.MaxInt64

// A draftStorage is the storage of Fiber's session object while a Change works on
// it.
//
// Fiber's Save does not serve here: it writes the cookie before it stores, and on an
// error it returns with its mutex locked and the object lost to its pool. After
// success the object belongs to another request. So the policy stores the draft, and
// the object works on a scratch context, where it sees neither the visitor's request
// nor ids that Fiber remembers in it. The object is left to the garbage collector.
// So is the scratch context after an error or a panic.
type draftStorage struct {
	draft   *session.Draft
	empty   []byte
	dropped bool // Destroy, Regenerate or Reset was called

	saved  bool          // Save was called
	expiry time.Duration // the expiry that Save was given, see expiryOf
}

// onDraft returns a session.Change that runs do on Fiber's session object instead of
// on the draft.
func (s *Sessions) onDraft(c *fiber.Ctx, do Change) session.Change {
	return func(d *session.Draft) error {
		u := &draftStorage{draft: d, empty: s.empty}
		scratch := s.scratch(c.App())
		sess, err := s.object(u, scratch)
		if err != nil {
			return err
		}
		before := d.ID()
		if err := do(sess); err != nil || u.saved {
			return errors.Join(u.misuse(), err)
		}
		if u.dropped && d.ID() == before {
			return errMisuse
		}
		u.copyValues(sess)
		u.setIdle(s.expiryOf(sess, u), s.cfg.IdleTimeout)
		s.release(scratch)
		return nil
	}
}

// object makes Fiber's session object for a draft.
func (s *Sessions) object(u *draftStorage, scratch *scratch) (*fibersession.Session, error) {
	store := s.model
	store.Storage = u
	store.Expiration = 0 // so that SetExpiry(0) shows
	store.KeyGenerator = u.nextID
	if !u.draft.IsNew() {
		scratch.request.Request.Header.SetCookie(s.cfg.CookieName, u.draft.ID())
	}
	sess, err := store.Get(scratch.ctx)
	if err != nil {
		return nil, err
	}
	for name, data := range u.draft.Values().All() {
		sess.Set(name, data)
	}
	sess.SetExpiry(orForever(u.draft.IdleTimeout()))
	return sess, nil
}

// nextID returns the id for Fiber's session object: a new session's own, and another
// one after Regenerate and Reset.
func (u *draftStorage) nextID() string {
	if u.dropped {
		return u.draft.Rotate()
	}
	return u.draft.ID()
}

func (u *draftStorage) misuse() error {
	if u.saved {
		return errMisuse
	}
	return nil
}

// copyValues gives the draft the values that the change left.
func (u *draftStorage) copyValues(sess *fibersession.Session) {
	u.draft.Clear()
	for _, name := range sess.Keys() {
		u.draft.Set(name, sess.Get(name))
	}
}

// setIdle gives the draft the expiry that the change left. After Reset that is the
// policy's.
func (u *draftStorage) setIdle(expiry, standard time.Duration) {
	switch {
	case expiry == orForever(u.draft.IdleTimeout()):
	case expiry == 0 && u.dropped:
		u.draft.SetIdleTimeout(standard)
	case expiry == 0:
		u.draft.SetIdleTimeout(-1) // out of range, so refused; 0 would mean no timeout
	default:
		u.draft.SetIdleTimeout(expiry)
	}
}

func orForever(idle time.Duration) time.Duration {
	if idle == 0 {
		return forever
	}
	return idle
}

// Get returns a session without values; object sets them.
func (u *draftStorage) Get(string) ([]byte, error) { return u.empty, nil }

// Set refuses a Save, and keeps its expiry, see expiryOf.
func (u *draftStorage) Set(_ string, _ []byte, expiry time.Duration) error {
	u.saved, u.expiry = true, expiry
	return errMisuse
}

// Delete only marks the draft. Destroy, Regenerate and Reset all call it first; only
// Destroy leaves the id as it was.
func (u *draftStorage) Delete(string) error {
	u.dropped = true
	return nil
}

// Reset and Close are here for the interface; Fiber's session object calls neither.
func (*draftStorage) Reset() error { return errMisuse }
func (*draftStorage) Close() error { return nil }
