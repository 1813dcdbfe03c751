package console

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/securecookie"

	"pagesession/internal/fresh"
	"pagesession/internal/page"
)

// A sealedCookie keeps a value in the browser, which can neither read nor change it: it is
// encrypted and signed with keys of its own, which come from the server's. It opens until
// its life is over, by the console's clock, and any number of times until then. Safe for
// concurrent use.
type sealedCookie[T any] struct {
	cookie page.Cookie
	codec  *securecookie.SecureCookie
	life   time.Duration
	now    func() time.Time
}

// A sealed value is what the cookie has.
type sealed[T any] struct {
	At    time.Time `json:"t"`
	Value T         `json:"v"`
}

// longestCookie is how many bytes of a cookie's name and value browsers take; a longer one they
// drop without a word (RFC 6265bis, 5.7).
const longestCookie = 4096

// newSealedCookie returns an error for a key that is too short to derive from.
func newSealedCookie[T any](cfg Config, cookie page.Cookie, life time.Duration) (*sealedCookie[T], error) {
	derive := func(what string) ([]byte, error) {
		return hkdf.Key(sha256.New, cfg.FlashKey, nil, "pagesession cookie "+cookie.Name+" "+what, 32)
	}
	sign, err := derive("signature")
	if err != nil {
		return nil, fmt.Errorf("key of cookie %q: %w", cookie.Name, err)
	}
	encrypt, err := derive("encryption")
	if err != nil {
		return nil, fmt.Errorf("key of cookie %q: %w", cookie.Name, err)
	}
	// Without an age, which the codec would take from the machine's clock.
	codec := securecookie.New(sign, encrypt).SetSerializer(securecookie.JSONEncoder{}).MaxAge(0).
		MaxLength(longestCookie - len(page.SecureName(cookie.Name, cookie.Path)))
	return &sealedCookie[T]{cookie.Below(cfg.BasePath), codec, life, cfg.Now}, nil
}

// set puts a value on the response. The error is about one that is too long for a cookie.
func (k *sealedCookie[T]) set(c *fiber.Ctx, value T) error {
	text, err := k.codec.Encode(k.cookie.Name, sealed[T]{k.now(), value})
	if err != nil {
		return fmt.Errorf("seal cookie %q: %w", k.cookie.Name, err)
	}
	k.cookie.Set(c, text, k.life)
	return nil
}

// get returns the value that a browser brings, the newest of several; false if there is none
// that opens.
func (k *sealedCookie[T]) get(c *fiber.Ctx) (value T, ok bool) {
	newest := sealed[T]{}
	for _, text := range k.cookie.Values(c) {
		var found sealed[T]
		if k.codec.Decode(k.cookie.Name, text, &found) == nil && fresh.Is(found.At, k.now(), k.life) && !found.At.Before(newest.At) {
			newest, ok = found, true
		}
	}
	return newest.Value, ok
}

// drop has the browser forget the value, if it brought one.
func (k *sealedCookie[T]) drop(c *fiber.Ctx) {
	if _, ok := k.get(c); ok {
		k.cookie.Delete(c)
	}
}
