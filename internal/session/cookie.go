package session

import (
	"crypto/sha256"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/storage/record"
)

// A sessionCookie is what a request's cookie says, copied out of fasthttp's buffers,
// which the next request reuses.
type sessionCookie struct {
	id   [idLen]byte
	key  record.Key
	came bool // there was a cookie of the name, whatever was in it
	good bool // exactly one, well formed: id and key are set
}

// cookie reads the request's cookie. Two cookies of the name count as a bad
// one: someone planted one of them, and the server cannot tell which.
//
// The parser is fasthttp's, the same that Fiber's session middleware uses, so
// that both see the same cookie. It takes one pair of quotes off a value and
// leaves out a value that has a quote or a backslash inside, as if that
// cookie had not come.
func (p *Policy) cookie(c *fiber.Ctx) sessionCookie {
	var got sessionCookie
	for name, value := range c.Request().Header.Cookies() {
		if string(name) != p.cfg.CookieName {
			continue
		}
		got.good = !got.came && wellFormed(value)
		got.came = true
		copy(got.id[:], value)
	}
	if got.good {
		got.key = sha256.Sum256(got.id[:])
	}
	return got
}

// send puts the cookie of a live session on the response, in place of any
// other of its name.
//
// fasthttp's own Cookie writes either Max-Age or expires. Both are wanted:
// Max-Age for a browser whose clock is wrong, expires for one that is old.
func (p *Policy) send(c *fiber.Ctx, id []byte, v View) {
	var room [192]byte // on the stack; a longer name or path moves to the heap
	b := append(room[:0], p.cfg.CookieName...)
	b = append(append(b, '='), id...)
	if v.Remaining > 0 {
		age, added := wholeSeconds(v.Remaining)
		b = append(b, "; expires="...)
		b = appendHTTPDate(b, v.Expires.Add(added))
		b = append(b, "; HttpOnly; Max-Age="...)
		b = strconv.AppendInt(b, age, 10)
	} else {
		b = append(b, "; HttpOnly"...)
	}
	p.put(c, p.appendScope(c, b))
}

// sendRemoval tells the browser to drop the cookie. Max-Age=0 stands beside
// the date for a browser whose clock is before 1970 or simply wrong.
func (p *Policy) sendRemoval(c *fiber.Ctx) {
	var room [192]byte
	b := append(room[:0], p.cfg.CookieName...)
	b = append(b, `=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0`...)
	p.put(c, p.appendScope(c, b))
}

// appendScope ends a cookie with what tells the browser where to send it.
func (p *Policy) appendScope(c *fiber.Ctx, b []byte) []byte {
	b = append(append(b, "; Path="...), p.cfg.CookiePath...)
	b = append(append(b, "; SameSite="...), p.cfg.SameSite...)
	if p.cfg.Secure(c) {
		b = append(b, "; Secure"...)
	}
	return b
}

// put writes a cookie verbatim. Adding a Set-Cookie header never replaces
// one, so the earlier one is taken off first.
func (p *Policy) put(c *fiber.Ctx, cookie []byte) {
	p.withdraw(c)
	c.Response().Header.AddBytesV(fiber.HeaderSetCookie, cookie)
}

// withdraw takes our cookie back off the response.
func (p *Policy) withdraw(c *fiber.Ctx) {
	c.Response().Header.DelCookie(p.cfg.CookieName)
}

// adopt makes the rest of this request see the session that it just got: a
// handler that rotates and then updates means the new id.
func (p *Policy) adopt(c *fiber.Ctx, id string) {
	c.Request().Header.DelCookie(p.cfg.CookieName)
	c.Request().Header.SetCookie(p.cfg.CookieName, id)
}

// wholeSeconds rounds up and tells how much it added: a cookie that is gone
// before its session would end it early.
func wholeSeconds(d time.Duration) (seconds int64, added time.Duration) {
	seconds = int64(d / time.Second)
	if rest := d % time.Second; rest > 0 {
		return seconds + 1, time.Second - rest
	}
	return seconds, 0
}
