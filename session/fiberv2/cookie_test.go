package fiberv2_test

import (
	"bufio"
	"crypto/tls"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/storage/record"
)

const removal = `sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=Lax`

func readHeader(h *fasthttp.RequestHeader, raw string) error {
	return h.Read(bufio.NewReaderSize(strings.NewReader(raw), len(raw)+1))
}

// sent returns the Set-Cookie lines as they go over the wire.
func sent(c *fiber.Ctx) []string {
	var lines []string
	for line := range strings.SplitSeq(c.Response().Header.String(), "\r\n") {
		if value, ok := strings.CutPrefix(line, "Set-Cookie: "); ok {
			lines = append(lines, value)
		}
	}
	return lines
}

func wantSent(t testing.TB, what string, c *fiber.Ctx, want ...string) {
	t.Helper()
	if got := sent(c); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s sends cookies %q; want %q", what, got, want)
	}
}

// sentID returns the id in the only cookie that was sent.
func sentID(t testing.TB, c *fiber.Ctx) string {
	t.Helper()
	lines := sent(c)
	if len(lines) != 1 {
		t.Fatalf("cookies sent: %q; want one", lines)
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(lines[0], "sessionid="), ";")
	if !regexp.MustCompile(`^[A-Z2-7]{26}$`).MatchString(id) {
		t.Fatalf("cookie sent: %q; want an id of 26 characters A-Z2-7", lines[0])
	}
	return id
}

func TestCookie_Form(t *testing.T) {
	secure := func(c *fiberv2.Config) { c.Secure = func(*fiber.Ctx) bool { return true } }
	for _, test := range []struct {
		name           string
		idle, absolute time.Duration
		wait           time.Duration
		change         func(*fiberv2.Config)
		want           string
	}{
		{"plain", 20 * time.Second, 0, 0, nil,
			"; expires=Sun, 22 Nov 2026 22:14:25 GMT; HttpOnly; Max-Age=20; Path=/; SameSite=Lax"},
		{"rounded up", 19500 * time.Millisecond, 0, 0, nil,
			"; expires=Sun, 22 Nov 2026 22:14:25 GMT; HttpOnly; Max-Age=20; Path=/; SameSite=Lax"},
		{"cut by the absolute timeout", 20 * time.Second, 25 * time.Second, 19500 * time.Millisecond, nil,
			"; expires=Sun, 22 Nov 2026 22:14:30 GMT; HttpOnly; Max-Age=6; Path=/; SameSite=Lax"},
		{"no deadline", 0, 0, time.Hour, nil,
			"; HttpOnly; Path=/; SameSite=Lax"},
		{"secure", 20 * time.Second, 0, 0, secure,
			"; expires=Sun, 22 Nov 2026 22:14:25 GMT; HttpOnly; Max-Age=20; Path=/; SameSite=Lax; Secure"},
		{"strict", 20 * time.Second, 0, 0,
			func(c *fiberv2.Config) { c.SameSite, c.CookiePath = "Strict", "/admin/" },
			"; expires=Sun, 22 Nov 2026 22:14:25 GMT; HttpOnly; Max-Age=20; Path=/admin/; SameSite=Strict"},
		{"292 years", 1<<63 - 1, 0, 0, nil,
			"; expires=Tue, 04 Mar 2319 22:01:22 GMT; HttpOnly; Max-Age=9223372037; Path=/; SameSite=Lax"},
	} {
		t.Run(test.name, func(t *testing.T) {
			changes := []func(*fiberv2.Config){}
			if test.change != nil {
				changes = append(changes, test.change)
			}
			k := newKit(t, changes...)
			id := k.seed(encoded(t, map[string]any{"name": "Sonam"}), test.idle, test.absolute)
			k.store.Advance(test.wait)
			c := k.request(id)
			k.Refresh(c)
			wantSent(t, "Refresh()", c, "sessionid="+id+test.want)
		})
	}
}

// A cookie without the form of an id is another program's. It is neither looked up nor
// removed.
func TestCookie_ForeignIDs(t *testing.T) {
	k := newKit(t)
	id := k.start()
	for name, cookies := range map[string][]string{
		"empty":       {""},
		"short":       {id[1:]},
		"long":        {id + "A"},
		"oversized":   {strings.Repeat("A", 100_000)},
		"lower case":  {strings.ToLower(id)},
		"digits":      {id[:25] + "1"},
		"binary":      {id[:25] + "\xff"},
		"inner space": {id[:12] + " " + id[13:]},
		"Django's":    {"8u2k0z6b3ub1mx9yv7a5h4qtc0w2e1rj"},
		"uuid":        {"8d5d5e1a-0a8f-4d0e-9b0a-9d9c8c1f2a3b"},
		"markup":      {"<script>alert(1)</script>"},
		"path":        {"../../../etc/passwd"},
		"format":      {"%s%n%00%0d%0a"},
		"suffix":      {id + ".x"},
		"list":        {id + "," + id},
		"two":         {"x", "8u2k0z6b3ub1mx9yv7a5h4qtc0w2e1rj"},
	} {
		t.Run(name, func(t *testing.T) {
			peeks, refreshes := k.store.called("Peek"), k.store.called("Refresh")
			c := k.request(cookies...)
			if v := k.Peek(c); v.State != record.None || v.Cookie {
				t.Errorf("Peek() = %v, cookie %t; want none, cookie false", v.State, v.Cookie)
			}
			wantSent(t, "Peek()", c)
			if v := k.Refresh(c); v.State != record.None || v.Cookie {
				t.Errorf("Refresh() = %v, cookie %t; want none, cookie false", v.State, v.Cookie)
			}
			wantSent(t, "Refresh()", c)
			_, err := k.Update(k.request(cookies...), named("x"))
			wantErr(t, "Update()", err, session.ErrEnded)
			_, err = k.Rotate(k.request(cookies...))
			wantErr(t, "Rotate()", err, session.ErrEnded)
			c = k.request(cookies...)
			if err := k.End(c); err != nil {
				t.Errorf("End() = %v; want nil", err)
			}
			wantSent(t, "End()", c)
			if k.store.called("Peek") != peeks || k.store.called("Refresh") != refreshes || k.store.called("End") != 0 {
				t.Errorf("the store was asked about %q; want no call", cookies)
			}
		})
	}
}

// Another program's cookie of the same name changes nothing, whether it comes first or
// last, in a header of its own or not.
func TestCookie_BesideForeign(t *testing.T) {
	const django = "8u2k0z6b3ub1mx9yv7a5h4qtc0w2e1rj"
	for name, order := range map[string]func(id string) []string{
		"first":    func(id string) []string { return []string{django, id} },
		"last":     func(id string) []string { return []string{id, django} },
		"one line": func(id string) []string { return []string{django + "; sessionid=" + id + "; sessionid=" + django} },
		"repeated": func(id string) []string { return []string{id, django, id} },
		"dead":     func(id string) []string { return []string{"AAAAAAAAAAAAAAAAAAAAAAAAAA", id} },
	} {
		k := newKit(t)
		id := k.start()
		c := k.request(order(id)...)
		if v := k.Refresh(c); !v.Live() || sentID(t, c) != id {
			t.Errorf("%s: Refresh() = %v; want live", name, v.State)
		}
		c = k.request(order(id)...)
		if _, err := k.Update(c, named("Pema")); err != nil || sentID(t, c) != id {
			t.Errorf("%s: Update() = %v; want nil", name, err)
		}
		if v := k.Peek(c); v.Values.String("name") != "Pema" {
			t.Errorf("%s: the rest of the request sees %q; want Pema", name, v.Values.String("name"))
		}
		c = k.request(order(id)...)
		if err := k.End(c); err != nil {
			t.Errorf("%s: End() = %v; want nil", name, err)
		}
		wantSent(t, name+": End()", c, removal)
	}
}

// Of two live sessions none counts, and both cookies stay. A new session replaces one of
// them in the browser.
func TestCookie_TwoLive(t *testing.T) {
	k := newKit(t)
	one, other := k.start(), k.start()
	c := k.request(one, other)
	if v := k.Refresh(c); v.Live() || !v.Ambiguous {
		t.Errorf("Refresh() = %v, ambiguous %t; want none, ambiguous", v.State, v.Ambiguous)
	}
	_, err := k.Update(c, named("x"))
	wantErr(t, "Update()", err, session.ErrAmbiguous)
	wantErr(t, "End()", k.End(c), session.ErrAmbiguous)
	wantSent(t, "Refresh(), Update() and End()", c)
	if _, err := k.Start(c, named("Pema")); err != nil {
		t.Fatal(err)
	}
	if id := sentID(t, c); id == one || id == other {
		t.Error("Start() used one of the two; want a new session")
	}
	if v := k.Peek(c); v.Values.String("name") != "Pema" {
		t.Errorf("the rest of the request sees %q; want Pema", v.Values.String("name"))
	}
	if k.record(one).State != record.Live || k.record(other).State != record.Live {
		t.Error("a session was ended; want both live")
	}
}

func TestCookie_OthersAreKept(t *testing.T) {
	k := newKit(t)
	id := k.start()
	c := k.request(id)
	c.Request().Header.SetCookie("theme", "dark")
	c.Response().Header.Add("Set-Cookie", "theme=dark; Path=/")
	k.Refresh(c)
	k.Refresh(c)
	if got := sent(c); len(got) != 2 || got[0] != "theme=dark; Path=/" {
		t.Errorf("cookies sent: %q; want the theme and one session cookie", got)
	}
	if got := c.Cookies("theme"); got != "dark" {
		t.Errorf("Cookies(theme) = %q; want dark", got)
	}
}

func TestCookie_SecureOnlyOverTLS(t *testing.T) {
	k := newKit(t)
	c := k.request(k.start())
	for name, value := range map[string]string{
		"X-Forwarded-Proto": "https", "X-Forwarded-Protocol": "https", "X-Forwarded-Ssl": "on",
		"X-Url-Scheme": "https", "Forwarded": "proto=https", "X-Forwarded-Host": "evil.example",
	} {
		c.Request().Header.Set(name, value)
	}
	k.Refresh(c)
	if got := sent(c)[0]; strings.Contains(got, "Secure") {
		t.Errorf("cookie over plain HTTP: %q; want it without Secure", got)
	}
}

func TestCookie_SecureOverTLS(t *testing.T) {
	k := newKit(t)
	id := k.start()
	for range 2 { // live, then ended
		c := k.request(id)
		c.Context().Init2(tls.Server(nil, nil), nil, true)
		k.Refresh(c)
		if got := sent(c); len(got) != 1 || !strings.HasSuffix(got[0], "; SameSite=Lax; Secure") {
			t.Errorf("cookie over TLS: %q; want it with Secure", got)
		}
		k.store.Advance(time.Minute)
	}
}

func TestHeaders_KeptOutOfCaches(t *testing.T) {
	k := newKit(t)
	id := k.start()
	for name, call := range map[string]func(*fiber.Ctx){
		"Peek":    func(c *fiber.Ctx) { k.Peek(c) },
		"Refresh": func(c *fiber.Ctx) { k.Refresh(c) },
		"Start":   func(c *fiber.Ctx) { _, _ = k.Start(c, named("x")) },
		"Update":  func(c *fiber.Ctx) { _, _ = k.Update(c, named("x")) },
		"Rotate":  func(c *fiber.Ctx) { _, _ = k.Rotate(c) },
		"End":     func(c *fiber.Ctx) { _ = k.End(c) },
	} {
		for _, c := range []*fiber.Ctx{k.request(), k.request("x"), k.request(id)} {
			c.Set("Cache-Control", "public, max-age=60")
			call(c)
			call(c)
			if got := c.GetRespHeader("Cache-Control"); got != "no-store" {
				t.Errorf("%s: Cache-Control = %q; want no-store", name, got)
			}
			if got := c.GetRespHeader("Vary"); got != "Cookie" {
				t.Errorf("%s: Vary = %q; want Cookie", name, got)
			}
		}
	}
}

func TestHeaders_VaryIsAddedOnce(t *testing.T) {
	for before, want := range map[string]string{
		"":                        "Cookie",
		"Accept-Encoding":         "Accept-Encoding, Cookie",
		"Accept-Encoding, cookie": "Accept-Encoding, cookie",
		"Cookie-Like":             "Cookie-Like, Cookie",
		"*":                       "*",
	} {
		k := newKit(t)
		c := k.request()
		if before != "" {
			c.Set("Vary", before)
		}
		k.Peek(c)
		if got := c.GetRespHeader("Vary"); got != want {
			t.Errorf("Vary %q becomes %q; want %q", before, got, want)
		}
	}
}
