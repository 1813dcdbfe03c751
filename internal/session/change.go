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
		w, err := p.changeLive(c, got, change)
		if !w.gone {
			return p.finish(c, got, w, err)
		}
	}
	w := &work{policy: p, from: c}
	err := w.run(c.App(), "", change)
	return p.finish(c, got, w, err)
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
	w, err := p.changeLive(c, got, change)
	return p.finish(c, got, w, err)
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
	w, err := p.rotate(got)
	return p.finish(c, got, w, err)
}

// rotate moves the value as it is; there is nothing for Fiber to encode.
func (p *Policy) rotate(got claim) (*work, error) {
	lock := p.stripe(got.key)
	lock.Lock()
	defer lock.Unlock()
	w := p.open(got.key)
	if w.gone {
		return w, ErrEnded
	}
	w.id = rand.Text()
	err := w.store(w.id, w.rec.Value, w.rec.IdleTimeout)
	return w, err
}

// changeLive runs change on the session of a claim. The work it returns is
// gone when the session was not live, before or after change.
func (p *Policy) changeLive(c *fiber.Ctx, got claim, change Change) (*work, error) {
	lock := p.stripe(got.key)
	lock.Lock()
	defer lock.Unlock() // after a panic too
	w := p.open(got.key)
	if w.gone {
		return w, ErrEnded
	}
	return w, w.run(c.App(), string(got.id[:]), change)
}

// open begins work on a session; it is gone when there is nothing to work on.
func (p *Policy) open(k record.Key) *work {
	w := &work{policy: p, key: k, rec: p.store.Peek(k)}
	w.memo = p.usable(k, w.rec)
	w.gone = w.memo == nil
	return w
}

// finish turns work into an answer: the cookie and the view of what is stored
// now, or the error and the view of what the visitor has.
func (p *Policy) finish(c *fiber.Ctx, got claim, w *work, err error) (View, error) {
	if err != nil {
		return p.look(got), err
	}
	rec := p.store.Peek(w.saved)
	if w.memo != nil && rec.Memo == nil && bytes.Equal(rec.Value, w.value) {
		p.store.Memoize(w.saved, rec.Version, w.memo)
		rec.Memo = w.memo
	}
	v := p.view(w.saved, rec, got.came)
	if !v.Live() { // it ended between the commit and the look
		return v, ErrEnded
	}
	p.send(c, []byte(w.id), v)
	p.adopt(c, w.id)
	return v, nil
}
