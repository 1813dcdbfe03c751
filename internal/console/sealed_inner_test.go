package console

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/page"
)

func newSealed(t testing.TB, cookie page.Cookie, fill byte, now *time.Time) *sealedCookie[string] {
	t.Helper()
	cfg := Config{FlashKey: bytes.Repeat([]byte{fill}, page.FlashKeySize), Now: func() time.Time { return *now }}
	k, err := newSealedCookie[string](cfg, cookie, 5*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// bringing is a request with cookies, as the header has them.
func bringing(t testing.TB, cookies string) *fiber.Ctx {
	t.Helper()
	app := fiber.New()
	c := app.AcquireCtx(&fasthttp.RequestCtx{})
	t.Cleanup(func() { app.ReleaseCtx(c) })
	c.Request().Header.Set(fiber.HeaderCookie, cookies)
	return c
}

// sent returns the cookie's value, and its attributes.
func sent(t testing.TB, k *sealedCookie[string], value string) (text, attributes string) {
	t.Helper()
	c := bringing(t, "")
	if err := k.set(c, value); err != nil {
		t.Fatal(err)
	}
	text, attributes, _ = strings.Cut(string(c.Response().Header.PeekCookie(k.cookie.Name)), ";")
	return strings.TrimPrefix(text, k.cookie.Name+"="), attributes
}

// The browser gets a text that does not show the value, and brings it back.
func TestSealed_OnlyTheServerReads(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	k := newSealed(t, ticketCookie, 1, &now)
	text, attributes := sent(t, k, "ada-secret")
	if attributes != " HttpOnly; Max-Age=300; Path=/admin/login/; SameSite=Lax" {
		t.Errorf("attributes %q", attributes)
	}
	outer, err := base64.URLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := base64.URLEncoding.DecodeString(strings.Split(string(outer), "|")[1])
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{text, string(outer), string(inner)} {
		if strings.Contains(shown, "secret") {
			t.Errorf("the cookie shows its value: %q", shown)
		}
	}
	if again, _ := sent(t, k, "ada-secret"); again == text {
		t.Error("the same value is the same cookie twice; want a nonce")
	}
	if got, ok := k.get(bringing(t, "adminticket="+text)); !ok || got != "ada-secret" {
		t.Errorf("get = %q, %v", got, ok)
	}
}

// What is forged, of another key or another cookie, counts as none and stays.
func TestSealed_Forged(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	k := newSealed(t, ticketCookie, 1, &now)
	good, _ := sent(t, k, "v")
	otherKey, _ := sent(t, newSealed(t, ticketCookie, 2, &now), "v")
	other := ticketCookie
	other.Name = "adminother"
	otherName, _ := sent(t, newSealed(t, other, 1, &now), "v")
	forged := []string{"", "x", otherKey, otherName, good[1:], good[:len(good)-4], good + "A", strings.Repeat("A", 4096)}
	whole, err := base64.URLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 1
		forged = append(forged, base64.URLEncoding.EncodeToString(b))
	}
	for _, text := range forged {
		c := bringing(t, "adminticket="+text)
		k.drop(c)
		if got, ok := k.get(c); ok || len(c.Response().Header.PeekCookie("adminticket")) > 0 {
			t.Errorf("%.60q opens as %q, or is deleted", text, got)
		}
	}
	if got, ok := k.get(bringing(t, "adminticket=x; adminticket="+good)); !ok || got != "v" {
		t.Errorf("beside another program's cookie get = %q, %v", got, ok)
	}
}

func TestSealed_Age(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	k := newSealed(t, ticketCookie, 1, &now)
	old, _ := sent(t, k, "old")
	now = now.Add(time.Second)
	text, _ := sent(t, k, "v")
	if got, _ := k.get(bringing(t, "adminticket="+text+"; adminticket="+old)); got != "v" {
		t.Errorf("of two cookies %q counts; want the newer one", got)
	}
	made := now
	for age, want := range map[time.Duration]bool{
		0: true, 5*time.Minute - 1: true, 5 * time.Minute: false, time.Hour: false, -time.Minute: true, -time.Minute - 1: false,
	} {
		now = made.Add(age)
		if _, ok := k.get(bringing(t, "adminticket="+text)); ok != want {
			t.Errorf("after %v it opens: %v; want %v", age, ok, want)
		}
	}
}

func TestSealed_TooLong(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	c := bringing(t, "")
	if err := newSealed(t, ticketCookie, 1, &now).set(c, strings.Repeat("v", 3000)); err == nil || len(c.Response().Header.PeekCookie("adminticket")) > 0 {
		t.Errorf("set of 3,000 bytes = %v; want an error and no cookie", err)
	}
}

// A value that browsers would drop, with the name, is an error. The longest ones fit.
func TestSealed_FitsABrowser(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	k := newSealed(t, ticketCookie, 1, &now)
	name := page.SecureName(ticketCookie.Name, ticketCookie.Path) // as over https
	longest, refused := 0, 0
	for n := range 2500 {
		c := bringing(t, "")
		if err := k.set(c, strings.Repeat("x", n)); err != nil {
			refused++
			continue
		}
		text, _, _ := strings.Cut(string(c.Response().Header.PeekCookie(k.cookie.Name)), ";")
		longest = max(longest, len(text)-len(k.cookie.Name+"=")+len(name))
	}
	if longest > 4096 || longest < 4080 || refused == 0 {
		t.Errorf("the longest cookie has %d bytes, and %d were refused; want up to 4096, and an error for more", longest, refused)
	}
}
