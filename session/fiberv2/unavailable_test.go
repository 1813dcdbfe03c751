package fiberv2_test

import (
	"testing"

	"github.com/gofiber/fiber/v2"

	"pagesession/session"
)

// If the store does not answer, nothing is known of the session, so the cookie that
// came stays.
func TestUnavailable_LeavesTheCookieAlone(t *testing.T) {
	k := newKit(t)
	id := k.start()
	k.store.fail["Peek"], k.store.fail["Refresh"] = session.ErrUnavailable, session.ErrUnavailable
	for name, call := range map[string]func(*fiber.Ctx) (session.View, error){
		"Peek": k.Sessions.Peek, "Refresh": k.Sessions.Refresh, "Rotate": k.Rotate,
		"Update": func(c *fiber.Ctx) (session.View, error) { return k.Update(c, named("x")) },
		"Start":  func(c *fiber.Ctx) (session.View, error) { return k.Start(c, named("x")) },
	} {
		c := k.request(id)
		v, err := call(c)
		wantErr(t, name, err, session.ErrUnavailable)
		wantSent(t, name, c)
		if v.Live() || !v.Cookie {
			t.Errorf("%s = %+v; want no state, and Cookie true", name, v)
		}
		if got := c.GetRespHeader("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control = %q; want no-store", name, got)
		}
	}
	if n := k.store.called("Create"); n != 1 {
		t.Errorf("sessions created: %d; want the first only", n)
	}
	if got, err := k.Store().Storage.Get(id); got != nil || err == nil {
		t.Errorf("Fiber's Get() = %q, %v; want the error", got, err)
	}
}

// An end that has taken effect but is not on disk removes the cookie and returns
// ErrNotDurable.
func TestEnd_NotDurableRemovesTheCookie(t *testing.T) {
	k := newKit(t)
	c := k.request(k.start())
	k.store.fail["End"] = session.ErrNotDurable
	wantErr(t, "End", k.End(c), session.ErrNotDurable)
	wantSent(t, "End", c, `sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=Lax`)
}
