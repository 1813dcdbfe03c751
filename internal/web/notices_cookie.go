package web

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// messagesCookie carries notices from the answer that made them to the next
// page that is shown, across the end of a session: see package messages.
const messagesCookie = "messages"

// hasMessages tells whether there is a cookie to look at or to delete.
func hasMessages(c *fiber.Ctx) bool {
	_, came := broughtMessages(&c.Request().Header)
	return came
}

// broughtMessages returns the value of the messages cookie. Of two nobody can
// tell which is ours, and neither is read.
func broughtMessages(h *fasthttp.RequestHeader) (value string, came bool) {
	for name, v := range h.Cookies() {
		if string(name) != messagesCookie {
			continue
		}
		if came {
			return "", true
		}
		value, came = string(v), true
	}
	return value, came
}

// setMessages puts the cookie on the response, in place of an earlier one; an
// age of 0 deletes the visitor's. It goes back to this host alone, and no
// script reads it.
func setMessages(c *fiber.Ctx, value string, age time.Duration) {
	h := &c.Response().Header
	h.DelCookie(messagesCookie)
	b := append([]byte(messagesCookie), '=')
	if age > 0 {
		b = append(append(b, value...), "; HttpOnly; Max-Age="...)
		b = strconv.AppendInt(b, int64(age/time.Second), 10)
	} else {
		b = append(b, `""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0`...)
	}
	b = append(b, "; Path=/; SameSite=Lax"...)
	if c.Context().IsTLS() {
		b = append(b, "; Secure"...)
	}
	h.AddBytesV(fiber.HeaderSetCookie, b)
}
