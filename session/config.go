package session

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// minTimeout is the shortest idle timeout. Cookies count whole seconds, and so does
// Fiber, which turns anything below one into 24 hours.
const minTimeout = time.Second

// Config describes a policy's sessions and their cookie. Start from [DefaultConfig],
// because only it sets the timeouts: an IdleTimeout of 0 is an error, and an
// AbsoluteTimeout of 0 means that there is none.
type Config struct {
	Store Store // required

	CookieName string // an RFC 9110 token; "" is "sessionid"
	CookiePath string // "" is "/"
	SameSite   string // "Lax" or "Strict"; "" is "Lax"

	// SecureCookieName is the cookie's name in secure requests, those whose cookie gets
	// the attribute Secure. "" is CookieName. Browsers accept a name that begins with
	// __Secure- or __Host- only over https. With __Host-, which needs the path "/", no
	// other host can set the cookie either. Each request has one name that counts; until
	// PlainNameUntil a secure request has both.
	SecureCookieName string
	// PlainNameUntil is for a server that changes to https. Until then a secure request
	// that brings no id under SecureCookieName may bring it under CookieName. A refresh
	// or change sends the cookie of the new name. Zero: CookieName does not count.
	PlainNameUntil time.Time

	IdleTimeout     time.Duration // of a new session; at least 1 s
	AbsoluteTimeout time.Duration // from the creation; 0: none, otherwise at least IdleTimeout

	// SubjectValue is the name of the value that says whose session it is: a string,
	// such as a user's id. If it is "user", a change that calls Set("user", "42")
	// makes the session one of the subject "42". You can then list and end the
	// sessions of that subject; see [Policy.OfSubject] and [Policy.EndSubject].
	//
	// When a visitor signs in, call Clear, Set and Rotate in one change. Otherwise
	// someone who knows the id from before shares the session, and values from
	// before stay in it.
	//
	// "" means that sessions have no subject. A value of another type is ErrSubject.
	SubjectValue string

	// Now is the wall clock for View.Expires and the cookie's date. The store's
	// clock decides when a session ends. nil: time.Now.
	Now func() time.Time
	// Logger gets an error for each session whose value cannot be decoded: once, or
	// on each request if the Store is no Memoizer; and, at most once a minute, a warning
	// that a request brought several live sessions. nil: slog.Default().
	Logger *slog.Logger
}

// DefaultConfig returns the defaults: the cookie "sessionid" for the path "/" with
// SameSite=Lax, 20 s idle timeout, 12 h absolute timeout. Add the Store.
func DefaultConfig() Config {
	return Config{
		CookieName:      "sessionid",
		CookiePath:      "/",
		SameSite:        "Lax",
		IdleTimeout:     20 * time.Second,
		AbsoluteTimeout: 12 * time.Hour,
		Now:             time.Now,
	}
}

// withDefaults fills in the fields that have a default.
func (cfg Config) withDefaults() Config {
	def := DefaultConfig()
	if cfg.CookieName == "" {
		cfg.CookieName = def.CookieName
	}
	if cfg.SecureCookieName == "" {
		cfg.SecureCookieName = cfg.CookieName
	}
	if cfg.CookiePath == "" {
		cfg.CookiePath = def.CookiePath
	}
	if cfg.SameSite == "" {
		cfg.SameSite = def.SameSite
	}
	if cfg.Now == nil {
		cfg.Now = def.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return cfg
}

// check returns an error for the first field that is out of its range.
func (cfg Config) check() error {
	switch {
	case cfg.Store == nil:
		return errors.New("session: Store is missing")
	case !token(cfg.CookieName):
		return fmt.Errorf("session: CookieName is %q; want letters, digits, _ and -", cfg.CookieName)
	case !pathValue(cfg.CookiePath):
		return fmt.Errorf("session: CookiePath is %q; want printable ASCII without ; that begins with /", cfg.CookiePath)
	case !token(cfg.SecureCookieName):
		return fmt.Errorf("session: SecureCookieName is %q; want letters, digits, _ and -", cfg.SecureCookieName)
	case hasPrefix(cfg.SecureCookieName, hostPrefix) && cfg.CookiePath != "/":
		return fmt.Errorf("session: CookiePath is %q; browsers accept the cookie %q only with the path %q", cfg.CookiePath, cfg.SecureCookieName, "/")
	case cfg.CookieName != cfg.SecureCookieName && (hasPrefix(cfg.CookieName, hostPrefix) || hasPrefix(cfg.CookieName, securePrefix)):
		return fmt.Errorf("session: CookieName is %q, which browsers accept only over https; give that name as SecureCookieName", cfg.CookieName)
	case cfg.SameSite != "Lax" && cfg.SameSite != "Strict":
		return fmt.Errorf("session: SameSite is %q; want Lax or Strict", cfg.SameSite)
	case cfg.IdleTimeout < minTimeout:
		return fmt.Errorf("%w: IdleTimeout is %v; want at least %v", ErrTimeout, cfg.IdleTimeout, minTimeout)
	case cfg.AbsoluteTimeout != 0 && cfg.AbsoluteTimeout < cfg.IdleTimeout:
		return fmt.Errorf("%w: AbsoluteTimeout is %v; want 0 or at least IdleTimeout, %v",
			ErrTimeout, cfg.AbsoluteTimeout, cfg.IdleTimeout)
	}
	return nil
}

// CheckIdle returns nil if a session may have this idle timeout: at least 1 s, at
// most the absolute timeout. Otherwise it returns ErrTimeout with the bound.
func (cfg Config) CheckIdle(idle time.Duration) error {
	if idle < minTimeout {
		return fmt.Errorf("%w: the idle timeout is %v; want at least %v", ErrTimeout, idle, minTimeout)
	}
	if cfg.AbsoluteTimeout > 0 && idle > cfg.AbsoluteTimeout {
		return fmt.Errorf("%w: the idle timeout is %v; want at most the absolute timeout, %v", ErrTimeout, idle, cfg.AbsoluteTimeout)
	}
	return nil
}

// subjectOf returns the subject of a session with these values; "": none.
func (cfg Config) subjectOf(values list) (string, error) {
	if cfg.SubjectValue == "" {
		return "", nil
	}
	data := values.get(cfg.SubjectValue)
	subject, ok := data.(string)
	if data != nil && !ok {
		return "", fmt.Errorf("%w: value %q is a %T; want a string", ErrSubject, cfg.SubjectValue, data)
	}
	if len(subject) > MaxSubject {
		return "", fmt.Errorf("%w: it has %d bytes; want at most %d", ErrSubject, len(subject), MaxSubject)
	}
	return subject, nil
}

// The prefixes for which browsers have rules, in any case of letters.
const (
	hostPrefix   = "__Host-"
	securePrefix = "__Secure-"
)

func hasPrefix(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// token reports whether s is an RFC 9110 token, as the name of a cookie must be.
func token(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}

// pathValue reports whether s can be the Path of a cookie. Other texts would end the
// attribute early or start another one.
func pathValue(s string) bool {
	return strings.HasPrefix(s, "/") && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r >= 0x7f || r == ';'
	})
}
