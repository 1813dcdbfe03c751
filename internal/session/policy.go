package session

import (
	"crypto/rand"
	"encoding/binary"
	"sync"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/storage/record"
)

// stripes is the number of locks that changes share. Two sessions meet on one
// with a chance of 1 in 1024, and then one waits for the other's commit, which
// with 64 changes under way happens to 6 in 100 of them; 8 KiB in all.
const stripes = 1024

// A Policy answers the question what a request's cookie stands for, and is
// the only one that starts, refreshes, changes and ends the session behind it.
//
// There are two roads through it. Peek and Refresh never decode, allocate or
// wait: cookie, SHA-256, one look at the store, and the values that were
// decoded when the session last changed. Everything that changes a session
// goes through Fiber's session object (see update), and its cookie is sent only
// after the store has said that the change is durable. The cookie of an
// earlier call in the same request is taken back before, so that neither an
// error nor a panic leaves with one.
//
// Every method marks the response private: Cache-Control: no-store and Vary:
// Cookie. A Policy's methods are safe for concurrent use, each with a context
// of its own.
type Policy struct {
	cfg   Config
	store Store
	model fibersession.Store // copied for every use, never changed

	// changing makes load, change and save of one session one step: a
	// session's stripe is held meanwhile, the commit included.
	changing [stripes]sync.Mutex

	encoder   *encoder  // nil: Fiber's Save stores all sessions
	scratches sync.Pool // of *scratch, empty; see update
}

// New returns a policy, or an error that names the field which is out of its
// range (ErrTimeout when it is a timeout). It does no I/O.
func New(cfg Config) (*Policy, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	p := &Policy{cfg: cfg, store: cfg.Store, encoder: newEncoder()}
	p.model = *fibersession.New(fibersession.Config{
		Storage:        plainStorage{p},
		Expiration:     cfg.IdleTimeout,
		KeyLookup:      "cookie:" + cfg.CookieName,
		KeyGenerator:   rand.Text,
		CookiePath:     cfg.CookiePath,
		CookieSameSite: cfg.SameSite,
		CookieHTTPOnly: true,
	})
	return p, nil
}

// Peek returns the visitor's session as it is. It moves no deadline, sends no
// cookie and creates nothing.
func (p *Policy) Peek(c *fiber.Ctx) View {
	private(c)
	return p.look(p.cookie(c))
}

// Refresh starts a live session's idle time again, sends its cookie with the
// new age, and returns it as it is after that. The deadline has moved in
// memory when Refresh returns and on disk within the store's refresh window.
//
// When there is no live session, the cookie that came, good or bad, is
// deleted, and nothing is created.
func (p *Policy) Refresh(c *fiber.Ctx) View {
	private(c)
	got := p.cookie(c)
	if !got.good {
		return p.refuse(c, View{Cookie: got.came})
	}
	v := p.view(got.key, p.store.Refresh(got.key), got.came)
	if !v.Live() {
		return p.refuse(c, v)
	}
	p.send(c, got.id[:], v)
	return v
}

// End ends the visitor's session for good, with the reason Deleted, and
// deletes the cookie if one came. No session is no error. It returns after the
// end is durable; on an error (ErrUnavailable) the session and the cookie stay.
func (p *Policy) End(c *fiber.Ctx) error {
	got := p.begin(c)
	if got.good {
		if err := p.model.Delete(string(got.id[:])); err != nil {
			return err
		}
	}
	p.refuse(c, View{Cookie: got.came})
	return nil
}

// Key returns the key of the session that the request's cookie names, live or
// not, so that a page which lists sessions can tell which is the visitor's own.
// It is false without a well formed cookie.
func (p *Policy) Key(c *fiber.Ctx) (record.Key, bool) {
	got := p.cookie(c)
	return got.key, got.good
}

// begin reads the cookie for a change. No cookie of ours is on the response
// from here until the change is durable.
func (p *Policy) begin(c *fiber.Ctx) sessionCookie {
	private(c)
	p.withdraw(c)
	return p.cookie(c)
}

// refuse deletes the cookie that came and passes the view on.
func (p *Policy) refuse(c *fiber.Ctx, v View) View {
	if v.Cookie {
		p.sendRemoval(c)
	}
	return v
}

// look is the view of what a cookie names, without moving anything.
func (p *Policy) look(got sessionCookie) View {
	if !got.good {
		return View{Cookie: got.came}
	}
	return p.view(got.key, p.store.Peek(got.key), got.came)
}

// view describes a record to a handler. A record that cannot be decoded is no
// session.
func (p *Policy) view(k record.Key, rec record.Record, came bool) View {
	if rec.State != record.Live {
		return View{State: rec.State, Reason: rec.Reason, Cookie: came}
	}
	m := p.usable(k, rec)
	if m == nil {
		return View{Cookie: came}
	}
	v := View{
		State: record.Live, Values: m.values, Cookie: came,
		Age: rec.Age, IdleTimeout: rec.IdleTimeout,
		Remaining: rec.Remaining, AbsoluteRemaining: rec.AbsoluteRemaining,
	}
	if rec.Remaining > 0 {
		v.Expires = p.cfg.Now().Add(rec.Remaining).UTC()
	}
	return v
}

// stripe is the lock for changes of a session.
func (p *Policy) stripe(k record.Key) *sync.Mutex {
	return &p.changing[binary.LittleEndian.Uint16(k[:])%stripes]
}
