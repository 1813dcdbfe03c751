package page

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
)

// A Cookie is one of the server's own, which scripts never read.
type Cookie struct {
	Name     string
	Path     string
	SameSite string // Lax or Strict
	Secure   bool   // always; otherwise only if the client uses https
}

// Value returns what the browser sent, and whether it sent the cookie at all. It
// reads neither of two cookies with this name: only one can be the server's own.
func (k Cookie) Value(c *fiber.Ctx) (value string, sent bool) {
	for name, v := range c.Request().Header.Cookies() {
		if string(name) != k.Name {
			continue
		}
		if sent {
			return "", true
		}
		value, sent = string(v), true
	}
	return value, sent
}

// Set puts the cookie on the response, in place of an earlier one.
func (k Cookie) Set(c *fiber.Ctx, value string, age time.Duration) {
	k.add(c, value+"; HttpOnly; Max-Age="+strconv.Itoa(int(age/time.Second)))
}

// Delete has the browser drop the cookie: Max-Age is for browsers whose clock is
// slow, expires for old ones. Fiber's own writes only one of the two.
func (k Cookie) Delete(c *fiber.Ctx) {
	k.add(c, `""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0`)
}

func (k Cookie) add(c *fiber.Ctx, text string) {
	text = k.Name + "=" + text + "; Path=" + k.Path + "; SameSite=" + k.SameSite
	if k.Secure || client.HTTPS(c.Context()) {
		text += "; Secure"
	}
	c.Response().Header.DelCookie(k.Name)
	c.Response().Header.Add(fiber.HeaderSetCookie, text)
}
