package console

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
)

// setCookie puts a cookie of the console's on the response, in place of an
// earlier one; an age of 0 deletes the browser's, with Max-Age for browsers whose
// clock is slow and expires for those that are old. Fiber's own writes only one
// of the two. No script reads it, no other site sends it.
func setCookie(c *fiber.Ctx, name, value string, age time.Duration) {
	h := &c.Response().Header
	h.DelCookie(name)
	b := append([]byte(name), '=')
	if age > 0 {
		b = append(append(b, value...), "; HttpOnly; Max-Age="...)
		b = strconv.AppendInt(b, int64(age/time.Second), 10)
	} else {
		b = append(b, `""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0`...)
	}
	h.AddBytesV(fiber.HeaderSetCookie, append(b, "; Path=/admin/; SameSite=Strict; Secure"...))
}
