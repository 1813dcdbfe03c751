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
// that is forged, cut, doubled or too old holds none. Safe for concurrent use.
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
		all, _ = f.read(c)
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

// Pending reports whether the browser sent a cookie to read or to delete.
func (f *Flashes) Pending(c *fiber.Ctx) bool {
	_, sent := f.cookie.Value(c)
	return sent
}

// Take returns the flashes for the page that is about to be shown, and deletes the
// cookie. They wait on at a HEAD, a prefetch or a script's request.
func (f *Flashes) Take(c *fiber.Ctx) []Flash {
	all, sent := f.read(c)
	if !sent || c.Method() == fiber.MethodHead || IsPrefetch(c) || isFetch(c) {
		return nil
	}
	f.cookie.Delete(c)
	return all
}

func (f *Flashes) read(c *fiber.Ctx) (all []Flash, sent bool) {
	value, sent := f.cookie.Value(c)
	if value == "" || f.codec.Decode(f.cookie.Name, value, &all) != nil {
		return nil, sent
	}
	return all, sent
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
