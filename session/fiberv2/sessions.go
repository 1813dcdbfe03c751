// Package fiberv2 gives Fiber v2 the sessions of package session.
//
// It works on Fiber's own session middleware: a [Change] gets Fiber's Session
// object, and handlers that were written for Fiber's session store keep working with
// [Sessions.Store].
package fiberv2

import (
	"crypto/rand"
	"sync"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/session"
	"pagesession/session/internal/header"
)

// Config describes the sessions and their cookie. Start from [DefaultConfig] and add
// the Store.
type Config struct {
	session.Config

	// Secure reports whether the cookie gets the attribute Secure, and with it the name
	// SecureCookieName. nil: if this request came over TLS. The default ignores headers
	// such as X-Forwarded-Proto, so set Secure yourself behind a reverse proxy that
	// terminates TLS.
	Secure func(*fiber.Ctx) bool
	// Client returns the client info of a session that this request creates. nil:
	// the address of the connection and the User-Agent.
	Client func(*fiber.Ctx) session.ClientInfo
}

// DefaultConfig returns session.DefaultConfig with this package's defaults.
func DefaultConfig() Config {
	return Config{Config: session.DefaultConfig(), Secure: overTLS, Client: clientOf}
}

func overTLS(c *fiber.Ctx) bool { return c.Context().IsTLS() }

func clientOf(c *fiber.Ctx) session.ClientInfo { return header.Client(c.Context()) }

// Sessions gives Fiber v2's handlers the sessions of a policy. Its methods are safe
// for concurrent use, each with a context of its own. A call that waits returns when
// the context's UserContext is done.
//
// Every method marks the response private: Cache-Control: no-store and Vary: Cookie.
// The cookie of a change is sent after the store has made the change durable. Each
// change first takes the session cookie of an earlier call off the response, so that
// after an error or a panic none is sent.
type Sessions struct {
	policy *session.Policy
	cfg    Config
	model  fibersession.Store // copied for each use, never modified
	empty  []byte             // the gob of a session without values
	expiry int                // index of the field that SetExpiry sets; -1: not found

	scratches sync.Pool // of empty *scratch
}

// New returns Sessions, or an error that names the field of cfg which is out of its
// range (session.ErrTimeout for a timeout). It does no I/O.
func New(cfg Config) (*Sessions, error) {
	if cfg.Secure == nil {
		cfg.Secure = overTLS
	}
	if cfg.Client == nil {
		cfg.Client = clientOf
	}
	p, err := session.New(cfg.Config)
	if err != nil {
		return nil, err
	}
	cfg.Config = p.Config()
	s := &Sessions{policy: p, cfg: cfg, empty: emptyGob(), expiry: expiryField()}
	s.model = *fibersession.New(fibersession.Config{
		Storage:        plainStorage{s},
		Expiration:     cfg.IdleTimeout,
		KeyLookup:      "cookie:" + cfg.CookieName,
		KeyGenerator:   rand.Text,
		CookiePath:     cfg.CookiePath,
		CookieSameSite: cfg.SameSite,
		CookieHTTPOnly: true,
	})
	return s, nil
}

// Policy returns the policy, for code that has a token but no request.
func (s *Sessions) Policy() *session.Policy { return s.policy }

// Peek returns the visitor's session as it is. It extends nothing, creates nothing
// and sends no cookie. Errors: session.ErrUnavailable, the context's.
func (s *Sessions) Peek(c *fiber.Ctx) (session.View, error) {
	private(c)
	return s.policy.Peek(c.UserContext(), s.Token(c))
}

// Refresh extends a live session: it starts the idle timeout again. It returns the
// session as it is then, and sends its cookie with a new Max-Age.
//
// If there is no live session, it creates nothing, and removes the session cookie that
// came with the request, valid or not. The cookie of a session that was rotated stays,
// because the browser may have the new one already. On an error
// (session.ErrUnavailable, the context's) no cookie is sent.
func (s *Sessions) Refresh(c *fiber.Ctx) (session.View, error) {
	private(c)
	secure := s.cfg.Secure(c)
	v, cookie, err := s.policy.Refresh(c.UserContext(), s.token(c, secure))
	s.send(c, &cookie, secure)
	return v, err
}

// Start is [session.Policy.Start] with this request's client info. The rest of the
// request sees the session.
func (s *Sessions) Start(c *fiber.Ctx, change Change) (session.View, error) {
	t, secure := s.begin(c)
	v, cookie, err := s.policy.Start(c.UserContext(), t, s.cfg.Client(c), s.onDraft(c, change))
	return s.finish(c, v, &cookie, secure, err)
}

// Update is [session.Policy.Update]. The rest of the request sees the changed
// session.
func (s *Sessions) Update(c *fiber.Ctx, change Change) (session.View, error) {
	t, secure := s.begin(c)
	v, cookie, err := s.policy.Update(c.UserContext(), t, s.onDraft(c, change))
	return s.finish(c, v, &cookie, secure, err)
}

// Rotate is [session.Policy.Rotate]. The rest of the request sees the new id.
func (s *Sessions) Rotate(c *fiber.Ctx) (session.View, error) {
	t, secure := s.begin(c)
	v, cookie, err := s.policy.Rotate(c.UserContext(), t)
	return s.finish(c, v, &cookie, secure, err)
}

// End is [session.Policy.End].
func (s *Sessions) End(c *fiber.Ctx) error {
	t, secure := s.begin(c)
	cookie, err := s.policy.End(c.UserContext(), t)
	s.send(c, &cookie, secure)
	return err
}

// Token returns the token of the request's session cookies. It is zero when none
// came.
func (s *Sessions) Token(c *fiber.Ctx) session.Token {
	return s.token(c, s.cfg.Secure(c))
}

func (s *Sessions) token(c *fiber.Ctx, secure bool) session.Token {
	return header.Token(&c.Request().Header, s.policy, secure)
}

// begin reads the cookie for a change, and takes an earlier session cookie off the
// response until the change is durable. It also reports whether the request is secure.
func (s *Sessions) begin(c *fiber.Ctx) (t session.Token, secure bool) {
	private(c)
	secure = s.cfg.Secure(c)
	c.Response().Header.DelCookie(s.policy.CookieName(secure))
	return s.token(c, secure), secure
}

// finish sends the cookie of a change, and makes the rest of the request see the
// changed session.
func (s *Sessions) finish(c *fiber.Ctx, v session.View, cookie *session.Cookie, secure bool, err error) (session.View, error) {
	s.send(c, cookie, secure)
	if id := cookie.Value(); id != "" {
		header.Adopt(&c.Request().Header, s.policy.CookieName(secure), id)
	}
	return v, err
}

func (s *Sessions) send(c *fiber.Ctx, cookie *session.Cookie, secure bool) {
	if !cookie.IsZero() {
		header.Send(&c.Response().Header, s.policy, cookie, secure)
	}
}

func private(c *fiber.Ctx) { header.Private(&c.Response().Header) }
