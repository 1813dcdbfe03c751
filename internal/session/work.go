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

// work is one change of one session: the storage that Fiber's session object
// is given for it, so that Get, Set and Delete mean what this change means.
//
// Fiber's Save writes the cookie, then stores, and on an error returns with
// its mutex locked and the object lost to its pool; after success the object
// is somebody else's. So the object works on a desk of its own. What Save
// writes to that response goes nowhere: the real one gets its cookie from the
// policy, after the store's answer. What the visitor sent besides a well
// formed id, and ids that Fiber remembers in the real request, are not seen
// there either. After an error of change or of Save, or a panic, the object and
// its desk are left to the garbage collector; else the object is not touched any
// more, and the desk is cleared for the next work.
type work struct {
	policy *Policy
	from   *fiber.Ctx    // the request; its origin is that of a session it creates
	key    record.Key    // of the session that is changed
	rec    record.Record // that session, Live; zero: one is to be created
	id     string        // the id it has in the end

	saving  bool // change is over; Set is ours
	dropped bool // change called Destroy, Regenerate or Reset
	misused bool // change called Save

	gone  bool       // the session is not, or no longer, live
	saved record.Key // where it is stored now
	value []byte     // and what
	memo  *memo      // the same decoded; nil: not known
}

// run lets change work on a session object, then stores what it left. id is
// the session's, or "" for a new one.
func (w *work) run(app *fiber.App, id string, change Change) error {
	store := w.policy.model
	store.Storage = w
	store.Expiration = 0 // so that Set can tell an expiry of 0 that was asked for
	d := w.policy.desk(app)
	if id != "" {
		d.request.Request.Header.SetCookie(w.policy.cfg.CookieName, id)
	}
	sess, err := store.Get(d.ctx)
	if err != nil {
		return err
	}
	if err := w.change(sess, change); err != nil {
		return err
	}
	if err := w.save(sess, d); err != nil {
		return fmt.Errorf("save session: %w", err)
	}
	return nil
}

// change calls the change function. A misused session object is locked or
// empty and is not looked at again.
func (w *work) change(sess *fibersession.Session, change Change) error {
	before := sess.ID()
	sess.SetExpiry(w.granted())
	err := change(sess)
	if w.misused {
		return errors.Join(errMisuse, err)
	}
	if err != nil {
		return err
	}
	w.id = sess.ID()
	if w.dropped && w.id == before {
		return errMisuse
	}
	return nil
}

// save stores what change left: values that are all strings without Fiber's
// Save, and to the same effect, others with it. The session object is not looked at
// again. Where that can be, the desk is left before the disk is waited for: the
// next work then finds it in the processor's caches.
func (w *work) save(sess *fibersession.Session, d *desk) error {
	p := w.policy
	w.saving = true
	w.memo = plain(sess)
	if w.memo != nil {
		if value, ok := p.encoder.encode(w.memo.values); ok {
			exp := p.encoder.expiryOf(sess)
			p.leave(d)
			return w.Set(w.id, value, exp)
		}
	}
	if err := sess.Save(); err != nil {
		return err
	}
	p.leave(d)
	return nil
}

// granted is the idle timeout that the session has if change does not ask
// for another.
func (w *work) granted() time.Duration {
	switch {
	case w.rec.State != record.Live:
		return w.policy.cfg.IdleTimeout
	case w.rec.IdleTimeout == 0:
		return forever
	default:
		return w.rec.IdleTimeout
	}
}

// idle turns the expiry that Save hands on into an idle timeout. What the
// session has already is kept even if the policy would not grant it today.
func (w *work) idle(exp time.Duration) (time.Duration, error) {
	switch {
	case exp == forever && w.granted() == forever:
		return 0, nil
	case exp == w.granted():
		return exp, nil
	case exp == 0 && w.dropped: // Reset forgets the expiry
		return w.policy.cfg.IdleTimeout, nil
	default:
		return exp, w.policy.cfg.allows(exp)
	}
}

// store makes the change durable, in the one way that fits.
func (w *work) store(id string, value []byte, idle time.Duration) (err error) {
	p, to := w.policy, record.KeyOf(id)
	switch {
	case w.rec.State != record.Live:
		err = p.store.Create(to, value, record.Lifetime{Idle: idle, Absolute: p.cfg.AbsoluteTimeout})
	case to == w.key:
		err = p.store.Replace(to, value, idle)
	default:
		err = p.store.Rotate(w.key, to, value, idle)
	}
	w.saved, w.value = to, value
	w.gone = errors.Is(err, ErrEnded)
	return err
}

// Get returns the value that the work began with; nil for a new session.
func (w *work) Get(string) ([]byte, error) { return gobOf(w.rec.Value), nil }

// Set stores the session. It is save or Fiber's Save that calls it; a Save by the
// change function is refused.
func (w *work) Set(id string, value []byte, exp time.Duration) error {
	if !w.saving {
		w.misused = true
		return errMisuse
	}
	idle, err := w.idle(exp)
	if err != nil {
		return err
	}
	if w.rec.State != record.Live {
		return w.store(id, sealNew(w.from, value), idle)
	}
	return w.store(id, seal(w.rec.Value, value), idle)
}

// Delete takes note. Destroy, Regenerate and Reset all begin with it; the id
// they leave behind tells them apart.
func (w *work) Delete(string) error {
	w.dropped = true
	return nil
}

// Reset and Close are not for a change to call, and no session object does.
func (*work) Reset() error { return errMisuse }
func (*work) Close() error { return nil }
