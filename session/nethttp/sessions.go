// Package nethttp gives net/http the sessions of package session.
//
// Call a method of [Sessions] before you write the response, because it sets
// headers.
package nethttp

import (
	"net/http"
	"net/netip"
	"strings"

	"pagesession/session"
)

// Config says what the sessions and their cookie are like. Start from
// [DefaultConfig] and add the Store.
type Config struct {
	session.Config

	// Secure reports whether the cookie gets the attribute Secure. nil: when
	// this request came over TLS. Headers such as X-Forwarded-Proto are
	// ignored; set Secure yourself behind a reverse proxy that ends TLS.
	Secure func(*http.Request) bool
	// Client returns the client info of a session that this request creates.
	// nil: the address of the connection and the User-Agent.
	Client func(*http.Request) session.ClientInfo
}

// DefaultConfig returns session.DefaultConfig and this package's defaults.
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

// Sessions are a policy's sessions for net/http's handlers. Its methods are
// safe for concurrent use, each with a request of its own. A call that waits
// returns when the request's context is done.
//
// Every method marks the response private: Cache-Control: no-store and Vary:
// Cookie. A change's cookie is set only after the store has said that the
// change is durable. Each change first takes the session cookie of an earlier
// call off the response, so that an error or a panic sends none.
type Sessions struct {
	policy *session.Policy
	cfg    Config
}

// New returns sessions, or an error that names the field of cfg which is out
// of its range (session.ErrTimeout when it is a timeout). It does no I/O.
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

// Policy returns the policy underneath, for code that has a token and no request.
func (s *Sessions) Policy() *session.Policy { return s.policy }

// Token returns the token of the request's session cookies; zero when none came.
func (s *Sessions) Token(r *http.Request) (t session.Token) {
	for _, c := range r.CookiesNamed(s.policy.CookieName()) {
		t.Add([]byte(c.Value))
	}
	return t
}

// Peek returns the visitor's session as it is. It moves no deadline, sets no
// cookie and creates nothing. Errors: session.ErrUnavailable, the context's.
func (s *Sessions) Peek(w http.ResponseWriter, r *http.Request) (session.View, error) {
	private(w.Header())
	return s.policy.Peek(r.Context(), s.Token(r))
}

// Refresh starts a live session's idle time again, sets its cookie with the
// new age, and returns it as it is after that.
//
// When there is no live session, the cookie that came, good or bad, is
// removed, and nothing is created. Errors: session.ErrUnavailable, the
// context's; no cookie is set then.
func (s *Sessions) Refresh(w http.ResponseWriter, r *http.Request) (session.View, error) {
	private(w.Header())
	v, cookie, err := s.policy.Refresh(r.Context(), s.Token(r))
	s.set(w, r, cookie)
	return v, err
}

// Start is [session.Policy.Start] with this request's client. The rest of the
// request sees the session.
func (s *Sessions) Start(w http.ResponseWriter, r *http.Request, change session.Change) (session.View, error) {
	t := s.begin(w, r)
	v, cookie, err := s.policy.Start(r.Context(), t, s.cfg.Client(r), change)
	return s.finish(w, r, v, cookie, err)
}

// Update is [session.Policy.Update]. The rest of the request sees the session.
func (s *Sessions) Update(w http.ResponseWriter, r *http.Request, change session.Change) (session.View, error) {
	t := s.begin(w, r)
	v, cookie, err := s.policy.Update(r.Context(), t, change)
	return s.finish(w, r, v, cookie, err)
}

// Rotate is [session.Policy.Rotate]. The rest of the request sees the new id.
func (s *Sessions) Rotate(w http.ResponseWriter, r *http.Request) (session.View, error) {
	t := s.begin(w, r)
	v, cookie, err := s.policy.Rotate(r.Context(), t)
	return s.finish(w, r, v, cookie, err)
}

// End is [session.Policy.End].
func (s *Sessions) End(w http.ResponseWriter, r *http.Request) error {
	cookie, err := s.policy.End(r.Context(), s.begin(w, r))
	s.set(w, r, cookie)
	return err
}

// begin reads the cookie for a change. No session cookie is on the response
// from here until the change is durable.
func (s *Sessions) begin(w http.ResponseWriter, r *http.Request) session.Token {
	private(w.Header())
	s.withdraw(w.Header())
	return s.Token(r)
}

// finish sets the cookie of a change, and makes the rest of this request see
// the session that it just got.
func (s *Sessions) finish(w http.ResponseWriter, r *http.Request, v session.View, cookie session.Cookie, err error) (session.View, error) {
	s.set(w, r, cookie)
	if id := cookie.Value(); id != "" {
		s.adopt(r, id)
	}
	return v, err
}

// adopt replaces the request's session cookies by one with this id. The others
// stay as they came.
func (s *Sessions) adopt(r *http.Request, id string) {
	pairs := []string{s.policy.CookieName() + "=" + id}
	for _, line := range r.Header.Values("Cookie") {
		for pair := range strings.SplitSeq(line, ";") {
			pair = strings.TrimSpace(pair)
			if name, _, _ := strings.Cut(pair, "="); strings.TrimSpace(name) != s.policy.CookieName() {
				pairs = append(pairs, pair)
			}
		}
	}
	r.Header.Set("Cookie", strings.Join(pairs, "; "))
}

// set puts a cookie on the response, in place of any other of its name.
func (s *Sessions) set(w http.ResponseWriter, r *http.Request, cookie session.Cookie) {
	if cookie.IsZero() {
		return
	}
	s.withdraw(w.Header())
	w.Header().Add("Set-Cookie", string(s.policy.AppendCookie(nil, cookie, s.cfg.Secure(r))))
}

// withdraw takes the session cookie back off the response.
func (s *Sessions) withdraw(h http.Header) {
	const name = "Set-Cookie"
	all := h[name]
	kept := all[:0]
	for _, line := range all {
		if !strings.HasPrefix(line, s.policy.CookieName()+"=") {
			kept = append(kept, line)
		}
	}
	if h[name] = kept; len(kept) == 0 {
		h.Del(name)
	}
}

// private keeps an answer that depends on a session cookie, or carries one,
// out of every cache: a shared cache that keeps it hands the session to a
// stranger.
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
