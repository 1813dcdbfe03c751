package session

import (
	"bytes"
	"crypto/rand"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/storage/record"
)

// A Change works on a visitor's session inside Start and Update. It may Get,
// Set and Delete values, SetExpiry the idle timeout of this session alone (at
// least 1 s, at most the absolute timeout; it stays what it was otherwise),
// and Regenerate or Reset, which give the session a new id in the same step:
// the old id ends with Replaced, the absolute timeout runs on.
//
// It must not Save or Destroy (both are answered with an error), keep the
// session, or call the policy again, which could wait for itself. Values are
// gob encoded: a type that is not one of Go's own must be registered. When it
// returns an error or panics, nothing is saved.
type Change = func(*fibersession.Session) error

// Start makes sure that the visitor has a session, changed by change, whose
// idle time starts now. A live session keeps its id and its other values;
// otherwise a new one is created under a new id, never under one that the
// visitor brought. Its cookie is sent and the view returned once the change is
// durable.
//
// A session that ends while change works on it is replaced by a new one, and
// change is called again for that. The rest of the request sees the session.
//
// Errors: what change returned, ErrTimeout, ErrFull, ErrUnavailable, ErrEnded
// when the session was ended again before it could be shown, a gob error.
// Nothing was done then, no cookie is sent, and the view is of what the
// visitor's own cookie stands for.
func (p *Policy) Start(c *fiber.Ctx, change Change) (View, error) {
	got := p.begin(c)
	if got.good {
		u, err := p.changeLive(c, got, change)
		if !u.gone {
			return p.finish(c, got, u, err)
		}
	}
	u := &update{policy: p, from: c}
	err := u.run(c.App(), "", change)
	return p.finish(c, got, u, err)
}

// Update changes a live session and starts its idle time again. Updates of
// one session run one after the other, so each sees what the one before it
// left. The cookie is sent and the view returned once the change is durable.
//
// Errors: ErrEnded when there is no live session, or not any more when the
// change was to be stored; else as Start.
func (p *Policy) Update(c *fiber.Ctx, change Change) (View, error) {
	got := p.begin(c)
	if !got.good {
		return p.look(got), ErrEnded
	}
	u, err := p.changeLive(c, got, change)
	return p.finish(c, got, u, err)
}

// Rotate gives a live session a new id and keeps its values, its idle timeout
// and its absolute timeout. The old id has ended with Replaced. The cookie is
// sent and the view returned once that is durable; the rest of the request
// sees the new id.
//
// Errors: ErrEnded when there is no live session, ErrFull, ErrUnavailable.
func (p *Policy) Rotate(c *fiber.Ctx) (View, error) {
	got := p.begin(c)
	if !got.good {
		return p.look(got), ErrEnded
	}
	u, err := p.rotate(got)
	return p.finish(c, got, u, err)
}

// rotate moves the value as it is; there is nothing for Fiber to encode.
func (p *Policy) rotate(got sessionCookie) (*update, error) {
	lock := p.stripe(got.key)
	lock.Lock()
	defer lock.Unlock()
	u := p.open(got.key)
	if u.gone {
		return u, ErrEnded
	}
	u.id = rand.Text()
	err := u.store(u.id, u.rec.Value, u.rec.IdleTimeout)
	return u, err
}

// changeLive runs change on the session that the cookie names. The update it returns is
// gone when the session was not live, before or after change.
func (p *Policy) changeLive(c *fiber.Ctx, got sessionCookie, change Change) (*update, error) {
	lock := p.stripe(got.key)
	lock.Lock()
	defer lock.Unlock() // after a panic too
	u := p.open(got.key)
	if u.gone {
		return u, ErrEnded
	}
	return u, u.run(c.App(), string(got.id[:]), change)
}

// open begins an update of a session; it is gone when there is nothing to change.
func (p *Policy) open(k record.Key) *update {
	u := &update{policy: p, key: k, rec: p.store.Peek(k)}
	u.memo = p.usable(k, u.rec)
	u.gone = u.memo == nil
	return u
}

// finish turns an update into an answer: the cookie and the view of what is stored
// now, or the error and the view of what the visitor has.
func (p *Policy) finish(c *fiber.Ctx, got sessionCookie, u *update, err error) (View, error) {
	if err != nil {
		return p.look(got), err
	}
	rec := p.store.Peek(u.saved)
	if u.memo != nil && rec.Memo == nil && bytes.Equal(rec.Value, u.value) {
		p.store.Memoize(u.saved, rec.Version, u.memo)
		rec.Memo = u.memo
	}
	v := p.view(u.saved, rec, got.came)
	if !v.Live() { // it ended between the commit and the look
		return v, ErrEnded
	}
	p.send(c, []byte(u.id), v)
	p.adopt(c, u.id)
	return v, nil
}
