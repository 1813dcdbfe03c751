// Package nethttp gives net/http the sessions of package session.
//
// Call the methods of [Sessions] before you write the response, because they set
// headers.
package nethttp

import (
	"net/http"
	"net/netip"
	"strings"

	"pagesession/session"
)

// Config describes the sessions and their cookie. Start from [DefaultConfig] and add
// the Store.
type Config struct {
	session.Config

	// Secure reports whether the cookie gets the attribute Secure, and with it the name
	// SecureCookieName. nil: if this request came over TLS. The default ignores headers
	// such as X-Forwarded-Proto, so set Secure yourself behind a reverse proxy that
	// terminates TLS.
	Secure func(*http.Request) bool
	// Client returns the client info of a session that this request creates. nil:
	// the address of the connection and the User-Agent.
	Client func(*http.Request) session.ClientInfo
}

// DefaultConfig returns session.DefaultConfig with this package's defaults.
func DefaultConfig() Config {
	return Config{Config: session.DefaultConfig(), Secure: overTLS, Client: clientOf}
}

func overTLS(r *http.Request) bool { return r.TLS != nil }

func clientOf(r *http.Request) session.ClientInfo {
	info := session.ClientInfo{Agent: r.UserAgent()}
	if from, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		info.Address = from.Addr().Unmap().WithZone("").String()
	}
	return info
}

// Sessions gives net/http's handlers the sessions of a policy. Its methods are safe
// for concurrent use, each with a request of its own. A call that waits returns when
// the request's context is done.
//
// Every method marks the response private: Cache-Control: no-store and Vary: Cookie.
// The cookie of a change is sent after the store has made the change durable. Each
// change first takes the session cookie of an earlier call off the response, so that
// after an error or a panic none is sent.
type Sessions struct {
	policy *session.Policy
	cfg    Config
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
	return &Sessions{policy: p, cfg: cfg}, nil
}

// Policy returns the policy, for code that has a token but no request.
func (s *Sessions) Policy() *session.Policy { return s.policy }

// Token returns the token of the request's session cookies. It is zero when none
// came.
func (s *Sessions) Token(r *http.Request) session.Token { return s.token(r, s.cfg.Secure(r)) }

func (s *Sessions) token(r *http.Request, secure bool) (t session.Token) {
	for _, c := range r.CookiesNamed(s.policy.CookieName(secure)) {
		t.Add([]byte(c.Value))
	}
	if _, ok := t.Key(); ok || !secure {
		return t
	}
	if name := s.policy.FormerCookieName(); name != "" {
		for _, c := range r.CookiesNamed(name) {
			t.AddFormer([]byte(c.Value))
		}
	}
	return t
}

// Peek returns the visitor's session as it is. It extends nothing, creates nothing
// and sends no cookie. Errors: session.ErrUnavailable, the context's.
func (s *Sessions) Peek(w http.ResponseWriter, r *http.Request) (session.View, error) {
	private(w.Header())
	return s.policy.Peek(r.Context(), s.Token(r))
}

// Refresh extends a live session: it starts the idle timeout again. It returns the
// session as it is then, and sends its cookie with a new Max-Age.
//
// If there is no live session, it creates nothing, and removes the session cookie that
// came with the request, valid or not. The cookie of a session that was rotated stays,
// because the browser may have the new one already. On an error
// (session.ErrUnavailable, the context's) no cookie is sent.
func (s *Sessions) Refresh(w http.ResponseWriter, r *http.Request) (session.View, error) {
	private(w.Header())
	secure := s.cfg.Secure(r)
	v, cookie, err := s.policy.Refresh(r.Context(), s.token(r, secure))
	s.set(w, cookie, secure)
	return v, err
}

// Start is [session.Policy.Start] with this request's client info. The rest of the
// request sees the session.
func (s *Sessions) Start(w http.ResponseWriter, r *http.Request, change session.Change) (session.View, error) {
	t, secure := s.begin(w, r)
	v, cookie, err := s.policy.Start(r.Context(), t, s.cfg.Client(r), change)
	return s.finish(w, r, v, cookie, secure, err)
}

// Update is [session.Policy.Update]. The rest of the request sees the changed
// session.
func (s *Sessions) Update(w http.ResponseWriter, r *http.Request, change session.Change) (session.View, error) {
	t, secure := s.begin(w, r)
	v, cookie, err := s.policy.Update(r.Context(), t, change)
	return s.finish(w, r, v, cookie, secure, err)
}

// Rotate is [session.Policy.Rotate]. The rest of the request sees the new id.
func (s *Sessions) Rotate(w http.ResponseWriter, r *http.Request) (session.View, error) {
	t, secure := s.begin(w, r)
	v, cookie, err := s.policy.Rotate(r.Context(), t)
	return s.finish(w, r, v, cookie, secure, err)
}

// End is [session.Policy.End].
func (s *Sessions) End(w http.ResponseWriter, r *http.Request) error {
	t, secure := s.begin(w, r)
	cookie, err := s.policy.End(r.Context(), t)
	s.set(w, cookie, secure)
	return err
}

// begin reads the cookie for a change, and takes an earlier session cookie off the
// response until the change is durable. It also reports whether the request is secure.
func (s *Sessions) begin(w http.ResponseWriter, r *http.Request) (t session.Token, secure bool) {
	private(w.Header())
	secure = s.cfg.Secure(r)
	withdraw(w.Header(), s.policy.CookieName(secure))
	return s.token(r, secure), secure
}

// finish sends the cookie of a change, and makes the rest of the request see the
// changed session.
func (s *Sessions) finish(w http.ResponseWriter, r *http.Request, v session.View, cookie session.Cookie, secure bool, err error) (session.View, error) {
	s.set(w, cookie, secure)
	if id := cookie.Value(); id != "" {
		adopt(r, s.policy.CookieName(secure), id)
	}
	return v, err
}

// adopt replaces the request's session cookies by one with this id. Other cookies
// stay as they came.
func adopt(r *http.Request, name, id string) {
	pairs := []string{name + "=" + id}
	for _, line := range r.Header.Values("Cookie") {
		for pair := range strings.SplitSeq(line, ";") {
			pair = strings.TrimSpace(pair)
			if other, _, _ := strings.Cut(pair, "="); strings.TrimSpace(other) != name {
				pairs = append(pairs, pair)
			}
		}
	}
	r.Header.Set("Cookie", strings.Join(pairs, "; "))
}

// set puts a cookie on the response, in place of any other of its name.
func (s *Sessions) set(w http.ResponseWriter, cookie session.Cookie, secure bool) {
	if cookie.IsZero() {
		return
	}
	line := string(s.policy.AppendCookie(nil, cookie, secure))
	name, _, _ := strings.Cut(line, "=")
	withdraw(w.Header(), name)
	w.Header().Add(setCookie, line)
}

const setCookie = "Set-Cookie"

// withdraw takes the cookie of a name off the response.
func withdraw(h http.Header, name string) {
	all := h[setCookie]
	kept := all[:0]
	for _, line := range all {
		if !strings.HasPrefix(line, name+"=") {
			kept = append(kept, line)
		}
	}
	if h[setCookie] = kept; len(kept) == 0 {
		h.Del(setCookie)
	}
}

// private keeps a response that depends on a session cookie, or carries one, out of
// every cache. A shared cache would give the session to other visitors.
func private(h http.Header) {
	h.Set("Cache-Control", "no-store")
	for _, line := range h.Values("Vary") {
		for field := range strings.SplitSeq(line, ",") {
			if field = strings.TrimSpace(field); field == "*" || strings.EqualFold(field, "Cookie") {
				return
			}
		}
	}
	h.Add("Vary", "Cookie")
}
