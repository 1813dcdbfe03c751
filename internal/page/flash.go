package page

import (
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/securecookie"
)

// A Flash is a one-time notice for the next page that a person sees. It may have to
// outlive the session, so it travels in a cookie: a key and a few numbers, without
// a name or an id.
type Flash struct {
	Level Level   `json:"l"`
	Key   string  `json:"k"`
	Args  []int64 `json:"a,omitempty"`
}

// FlashKeySize is the length of the key that signs flashes, in bytes.
const FlashKeySize = 32

// flashAge is how long flashes wait: a redirect takes a moment.
const flashAge = 3 * time.Minute

const (
	maxFlashes     = 4           // that wait; the oldest make room
	maxFlashCookie = 2 << 10     // bytes; a browser keeps 4 KiB of a cookie
	clockSetBack   = time.Minute // how far in the future a cookie may have been made
)

// Flashes keeps flashes in a cookie that is signed with the server's key. A cookie
// that is forged, cut or too old holds none, and is left alone: it may be another
// program's. Of several cookies the signed one counts, and of several signed ones none.
// Safe for concurrent use.
type Flashes struct {
	cookie Cookie
	codec  *securecookie.SecureCookie
}

// NewFlashes returns the flashes in a cookie. The key has FlashKeySize bytes.
func NewFlashes(cookie Cookie, key []byte) (*Flashes, error) {
	if len(key) != FlashKeySize {
		return nil, fmt.Errorf("page: the key for flashes has %d bytes; want %d", len(key), FlashKeySize)
	}
	codec := securecookie.New(key, nil).SetSerializer(securecookie.JSONEncoder{}).MaxLength(maxFlashCookie).
		MaxAge(int(flashAge / time.Second)).MinAge(-int(clockSetBack / time.Second))
	return &Flashes{cookie, codec}, nil
}

// NewFlashKey returns a random key.
func NewFlashKey() []byte { return securecookie.GenerateRandomKey(FlashKeySize) }

// Add has the next page show flashes, after those that wait already. Call it
// last before the answer: a change that fails must not announce success.
func (f *Flashes) Add(c *fiber.Ctx, more ...Flash) error {
	all, ok := c.Locals(f).([]Flash)
	if !ok {
		all = f.read(c)
	}
	all = append(all, more...)
	all = all[max(0, len(all)-maxFlashes):]
	sealed, err := f.codec.Encode(f.cookie.Name, all)
	if err != nil {
		return fmt.Errorf("seal flash notices: %w", err)
	}
	c.Locals(f, all)
	f.cookie.Set(c, sealed, flashAge)
	return nil
}

// Pending reports whether flashes wait for a page.
func (f *Flashes) Pending(c *fiber.Ctx) bool { return len(f.read(c)) > 0 }

// Take returns the flashes for the page that is about to be shown, and deletes the
// cookie. They wait on at a HEAD, a prefetch or a script's request.
func (f *Flashes) Take(c *fiber.Ctx) []Flash {
	all := f.read(c)
	if len(all) == 0 || c.Method() == fiber.MethodHead || IsPrefetch(c) || isFetch(c) {
		return nil
	}
	f.cookie.Delete(c)
	return all
}

// read returns the flashes that wait, or nil.
func (f *Flashes) read(c *fiber.Ctx) (all []Flash) {
	for _, value := range f.cookie.Values(c) {
		var signed []Flash
		if f.codec.Decode(f.cookie.Name, value, &signed) != nil || len(signed) == 0 {
			continue
		}
		if all != nil {
			return nil
		}
		all = signed
	}
	return all
}

// A Level says how much a notice matters, and with it how it is announced.
type Level uint8

// The levels, in rising order. Debug is for operators who asked for it.
const (
	Debug Level = iota
	Info
	Success
	Warning
	Error
)

// String returns "debug", "info", "success", "warning" or "error".
func (l Level) String() string {
	names := [...]string{"debug", "info", "success", "warning", "error"}
	if int(l) < len(names) {
		return names[l]
	}
	return "info"
}

// A Notice is a flash in words, as a page shows it once, at its top.
type Notice struct {
	Level Level
	Text  string
}

// Role is the notice's ARIA role: a warning or an error interrupts.
func (n Notice) Role() string {
	if n.Level >= Warning {
		return "alert"
	}
	return "status"
}
