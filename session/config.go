package session

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// minTimeout is the shortest idle timeout: cookies count whole seconds, and so
// does Fiber, which turns anything below one into 24 hours.
const minTimeout = time.Second

// Config says what a policy's sessions and their cookie are like. Start from
// [DefaultConfig]: the timeouts have no default of their own, because 0 means
// something for one of them and is a mistake for the other.
type Config struct {
	Store Store // required

	CookieName string // an RFC 9110 token; "" is "sessionid"
	CookiePath string // "" is "/"
	SameSite   string // "Lax" or "Strict"; "" is "Lax"

	IdleTimeout     time.Duration // at least 1 s
	AbsoluteTimeout time.Duration // from the creation; 0: none; else at least IdleTimeout

	// SubjectValue is the name of the value that says whose session it is, a
	// string such as a user's id: with "user", a change that does
	// Set("user", "42") makes it a session of the subject "42". You can then
	// list and end the sessions of that subject (see Policy.OfSubject and
	// EndSubject). When a visitor signs in, call Clear, Set and Rotate in one
	// change, so that neither the id nor the values from before become theirs.
	// "": sessions have no subject. A value of another type is ErrSubject.
	SubjectValue string

	// Now is the wall clock, for View.Expires and the cookie's date. The
	// store's clock decides when a session ends. nil: time.Now.
	Now func() time.Time
	// Logger gets an error for each session whose value cannot be decoded:
	// once, or on each request if the Store is no Memoizer. nil: slog.Default.
	Logger *slog.Logger
}

// DefaultConfig returns the defaults: the cookie "sessionid" for
// "/" with SameSite=Lax, 20 s idle, 12 h absolute. Add the Store.
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

// withDefaults fills in what has a default when it is left out.
func (cfg Config) withDefaults() Config {
	def := DefaultConfig()
	if cfg.CookieName == "" {
		cfg.CookieName = def.CookieName
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

// check reports the first field that is out of its range.
func (cfg Config) check() error {
	switch {
	case cfg.Store == nil:
		return errors.New("session policy: no store")
	case !token(cfg.CookieName):
		return fmt.Errorf("session policy: bad cookie name %q", cfg.CookieName)
	case !pathValue(cfg.CookiePath):
		return fmt.Errorf("session policy: bad cookie path %q", cfg.CookiePath)
	case strings.HasPrefix(cfg.CookieName, "__Host-") && cfg.CookiePath != "/":
		return fmt.Errorf("session policy: cookie name %q is for the path %q only; the path is %q", cfg.CookieName, "/", cfg.CookiePath)
	case cfg.SameSite != "Lax" && cfg.SameSite != "Strict":
		return fmt.Errorf("session policy: SameSite is %q; want Lax or Strict", cfg.SameSite)
	case cfg.IdleTimeout < minTimeout:
		return fmt.Errorf("session policy: %w: idle %v; at least %v", ErrTimeout, cfg.IdleTimeout, minTimeout)
	case cfg.AbsoluteTimeout != 0 && cfg.AbsoluteTimeout < cfg.IdleTimeout:
		return fmt.Errorf("session policy: %w: absolute %v; 0 or at least the idle timeout %v",
			ErrTimeout, cfg.AbsoluteTimeout, cfg.IdleTimeout)
	}
	return nil
}

// CheckIdle returns ErrTimeout, with the bound that is broken, unless one
// session may have that idle timeout: at least 1 s, at most the absolute
// timeout.
func (cfg Config) CheckIdle(idle time.Duration) error {
	if idle < minTimeout {
		return fmt.Errorf("%w: %v; at least %v", ErrTimeout, idle, minTimeout)
	}
	if cfg.AbsoluteTimeout > 0 && idle > cfg.AbsoluteTimeout {
		return fmt.Errorf("%w: %v; at most the absolute timeout %v", ErrTimeout, idle, cfg.AbsoluteTimeout)
	}
	return nil
}

// subjectOf returns the subject of a session with these values; "": none.
func (cfg Config) subjectOf(values Values) (string, error) {
	if cfg.SubjectValue == "" {
		return "", nil
	}
	data := values.Get(cfg.SubjectValue)
	subject, ok := data.(string)
	if data != nil && !ok {
		return "", fmt.Errorf("%w: value %q is a %T; want a string", ErrSubject, cfg.SubjectValue, data)
	}
	if len(subject) > MaxSubject {
		return "", fmt.Errorf("%w: %d bytes; at most %d", ErrSubject, len(subject), MaxSubject)
	}
	return subject, nil
}

// token reports whether s is an RFC 9110 token, which a cookie's name must be.
func token(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}

// pathValue reports whether s can stand as the Path of a cookie: any other
// text would end the attribute early or start another.
func pathValue(s string) bool {
	return strings.HasPrefix(s, "/") && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r >= 0x7f || r == ';'
	})
}
