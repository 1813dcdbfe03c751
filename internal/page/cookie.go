package page

import (
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/basepath"
	"pagesession/internal/client"
)

// A Cookie is one of the server's own, which scripts never read. It is Secure if the
// client uses https.
type Cookie struct {
	Name     string // without the prefix that https adds, see NameFor
	Path     string
	SameSite string // Lax or Strict
}

// SecureName returns the name of a cookie over https. The prefix has browsers refuse the
// cookie from plain http and, with the path "/", from any other host.
func SecureName(name, path string) string {
	if path == "/" {
		return "__Host-" + name
	}
	return "__Secure-" + name
}

// NameFor returns the cookie's name in a request: SecureName if the client uses https.
func (k Cookie) NameFor(c *fiber.Ctx) string {
	if client.HTTPS(c.Context()) {
		return SecureName(k.Name, k.Path)
	}
	return k.Name
}

// maxValues is how many different cookies of one name are looked at.
const maxValues = 4

// Values returns the different values that the browser sent under the cookie's name, at
// most four; nil if there are none. Other programs on the same host may have set some of
// them.
func (k Cookie) Values(c *fiber.Ctx) (all []string) {
	mine := k.NameFor(c)
	for name, v := range c.Request().Header.Cookies() {
		if string(name) == mine && len(all) < maxValues && !slices.Contains(all, string(v)) {
			all = append(all, string(v))
		}
	}
	return all
}

// Set puts the cookie on the response, in place of an earlier one.
func (k Cookie) Set(c *fiber.Ctx, value string, age time.Duration) {
	k.add(c, value+"; HttpOnly; Max-Age="+strconv.Itoa(int(age/time.Second)))
}

// Delete has the browser drop the cookie: Max-Age is for browsers whose clock is
// slow, expires for old ones. Fiber's own writes only one of the two. Call it only if
// the server set the cookie that came: another program's must stay.
func (k Cookie) Delete(c *fiber.Ctx) {
	k.add(c, `""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0`)
}

func (k Cookie) add(c *fiber.Ctx, text string) {
	name := k.NameFor(c)
	text = name + "=" + text + "; Path=" + k.Path + "; SameSite=" + k.SameSite
	if client.HTTPS(c.Context()) {
		text += "; Secure"
	}
	c.Response().Header.DelCookie(name)
	c.Response().Header.Add(fiber.HeaderSetCookie, text)
}

// Below returns the cookie with its path below a base path.
func (k Cookie) Below(base basepath.Path) Cookie {
	k.Path = base.URL(k.Path)
	return k
}
