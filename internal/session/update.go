package session

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/storage/record"
)

// forever stands for "never idles out" where Fiber wants a duration above 0.
const forever time.Duration = math.MaxInt64

// errMisuse: a change function did what only the policy may do.
var errMisuse = errors.New("change must not save or destroy its session")

// An update is one change of one session: the storage that Fiber's session object
// is given for it, so that Get, Set and Delete mean what this change means.
//
// Fiber's Save writes the cookie, then stores, and on an error returns with
// its mutex locked and the object lost to its pool; after success the object
// is somebody else's. So the object works on a scratch context of its own. What Save
// writes to that response goes nowhere: the real one gets its cookie from the
// policy, after the store's answer. What the visitor sent besides a well
// formed id, and ids that Fiber remembers in the real request, are not seen
// there either. After an error of change or of Save, or a panic, the object and
// its scratch context are left to the garbage collector; else the object is not touched any
// more, and the scratch context is cleared for the next update.
type update struct {
	policy *Policy
	from   *fiber.Ctx    // the request; its client info is that of a session it creates
	key    record.Key    // of the session that is changed
	rec    record.Record // that session, Live; zero: one is to be created
	id     string        // the id it has in the end

	saving  bool // change is over; Set is the policy's
	dropped bool // change called Destroy, Regenerate or Reset
	misused bool // change called Save

	gone  bool       // the session is not, or no longer, live
	saved record.Key // where it is stored now
	value []byte     // and what
	memo  *memo      // the same decoded; nil: not known
}

// run lets change work on a session object, then stores what it left. id is
// the session's, or "" for a new one.
func (u *update) run(app *fiber.App, id string, change Change) error {
	store := u.policy.model
	store.Storage = u
	store.Expiration = 0 // so that Set can tell an expiry of 0 that was asked for
	d := u.policy.scratch(app)
	if id != "" {
		d.request.Request.Header.SetCookie(u.policy.cfg.CookieName, id)
	}
	sess, err := store.Get(d.ctx)
	if err != nil {
		return err
	}
	if err := u.change(sess, change); err != nil {
		return err
	}
	if err := u.save(sess, d); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

// change calls the change function. A misused session object is locked or
// empty and is not looked at again.
func (u *update) change(sess *fibersession.Session, change Change) error {
	before := sess.ID()
	sess.SetExpiry(u.granted())
	err := change(sess)
	if u.misused {
		return errors.Join(errMisuse, err)
	}
	if err != nil {
		return err
	}
	u.id = sess.ID()
	if u.dropped && u.id == before {
		return errMisuse
	}
	return nil
}

// save stores what change left: values that are all strings without Fiber's
// Save, and to the same effect, others with it. The session object is not looked at
// again. Where that can be, the scratch context is released before the disk is waited for: the
// next update then finds it in the processor's caches.
func (u *update) save(sess *fibersession.Session, d *scratch) error {
	p := u.policy
	u.saving = true
	u.memo = plain(sess)
	if u.memo != nil {
		if value, ok := p.encoder.encode(u.memo.values); ok {
			exp := p.encoder.expiryOf(sess)
			p.release(d)
			return u.Set(u.id, value, exp)
		}
	}
	if err := sess.Save(); err != nil {
		return err
	}
	p.release(d)
	return nil
}

// granted is the idle timeout that the session has if change does not ask
// for another.
func (u *update) granted() time.Duration {
	switch {
	case u.rec.State != record.Live:
		return u.policy.cfg.IdleTimeout
	case u.rec.IdleTimeout == 0:
		return forever
	default:
		return u.rec.IdleTimeout
	}
}

// idle turns the expiry that Save hands on into an idle timeout. What the
// session has already is kept even if the policy would not grant it today.
func (u *update) idle(exp time.Duration) (time.Duration, error) {
	switch {
	case exp == forever && u.granted() == forever:
		return 0, nil
	case exp == u.granted():
		return exp, nil
	case exp == 0 && u.dropped: // Reset forgets the expiry
		return u.policy.cfg.IdleTimeout, nil
	default:
		return exp, u.policy.cfg.allows(exp)
	}
}

// store makes the change durable, in the one way that fits.
func (u *update) store(id string, value []byte, idle time.Duration) (err error) {
	p, to := u.policy, record.KeyOf(id)
	switch {
	case u.rec.State != record.Live:
		err = p.store.Create(to, value, record.Lifetime{Idle: idle, Absolute: p.cfg.AbsoluteTimeout})
	case to == u.key:
		err = p.store.Replace(to, value, idle)
	default:
		err = p.store.Rotate(u.key, to, value, idle)
	}
	u.saved, u.value = to, value
	u.gone = errors.Is(err, ErrEnded)
	return err
}

// Get returns the value that the update began with; nil for a new session.
func (u *update) Get(string) ([]byte, error) { return gobOf(u.rec.Value), nil }

// Set stores the session. It is save or Fiber's Save that calls it; a Save by the
// change function is refused.
func (u *update) Set(id string, value []byte, exp time.Duration) error {
	if !u.saving {
		u.misused = true
		return errMisuse
	}
	idle, err := u.idle(exp)
	if err != nil {
		return err
	}
	if u.rec.State != record.Live {
		return u.store(id, sealNew(u.from, value), idle)
	}
	return u.store(id, seal(u.rec.Value, value), idle)
}

// Delete takes note. Destroy, Regenerate and Reset all begin with it; the id
// they leave behind tells them apart.
func (u *update) Delete(string) error {
	u.dropped = true
	return nil
}

// Reset and Close are not for a change to call, and no session object does.
func (*update) Reset() error { return errMisuse }
func (*update) Close() error { return nil }
