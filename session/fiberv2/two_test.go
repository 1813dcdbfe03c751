package fiberv2_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/session/fiberv2"
)

// A console's policy works beside the visitors' policy: each has its own cookie, in
// the same request and the same response.
func TestTwoPolicies_DoNotDisturbEachOther(t *testing.T) {
	visitors := newKit(t)
	console := newKit(t, func(cfg *fiberv2.Config) {
		cfg.CookieName, cfg.CookiePath, cfg.SameSite = "adminid", "/admin/", "Strict"
		cfg.IdleTimeout, cfg.AbsoluteTimeout = 15*time.Minute, 8*time.Hour
		cfg.Secure = func(*fiber.Ctx) bool { return true }
	})
	visitor := visitors.start()
	c := visitors.request(visitor)
	if v := visitors.Refresh(c); !v.Live() {
		t.Fatalf("Refresh() = %+v; want live", v)
	}
	if v, err := console.Start(c, named("Operator")); err != nil || v.IdleTimeout != 15*time.Minute {
		t.Fatalf("Start() = %+v, %v; want 15m", v, err)
	}
	own, ok := console.Token(c).Key()
	if mine, _ := visitors.Token(c).Key(); !ok || own == mine || mine != key(visitor) {
		t.Errorf("keys = %x, %x; want two, the second the visitor's", own, mine)
	}
	wantCookies(t, c, "sessionid="+visitor+"; ", "Path=/; SameSite=Lax", "adminid=", "; Path=/admin/; SameSite=Strict; Secure")
	if err := console.End(c); err != nil {
		t.Fatal(err)
	}
	wantCookies(t, c, "sessionid="+visitor+"; ", "Path=/; SameSite=Lax", `adminid="";`, "Max-Age=0; Path=/admin/; SameSite=Strict; Secure")
	if v := visitors.Peek(c); !v.Live() {
		t.Errorf("the visitor's session after the console's end = %+v; want live", v)
	}
}

// wantCookies compares the beginning and the end of the response's two cookies.
func wantCookies(t *testing.T, c *fiber.Ctx, begin1, end1, begin2, end2 string) {
	t.Helper()
	var got []string
	for _, line := range c.Response().Header.Cookies() {
		got = append(got, string(line))
	}
	fits := func(s, begin, end string) bool { return strings.HasPrefix(s, begin) && strings.HasSuffix(s, end) }
	if len(got) != 2 || !fits(got[0], begin1, end1) || !fits(got[1], begin2, end2) {
		t.Errorf("cookies = %q; want %q...%q and %q...%q", got, begin1, end1, begin2, end2)
	}
}
