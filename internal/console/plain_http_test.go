package console_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/client"
	"pagesession/internal/console"
	"pagesession/internal/testkit"
)

// openHTTP is a console with the operator ada, behind a trusted proxy at 10.0.0.1 and the
// cookie of a real server.
func openHTTP(t *testing.T) *fixture {
	t.Helper()
	d := openConsole(t)
	d.superuser("ada")
	d.handler = resolved(d.handler)
	return d
}

// resolved is a handler behind what decides who sent a request. It trusts 10.0.0.1.
func resolved(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	proxies := must(client.Parse("10.0.0.1"))
	return client.NewResolver(proxies, slog.New(slog.DiscardHandler)).Handler(next)
}

// signIn is a form of the console's sign-in page.
var signIn = testkit.Form("username", "ada", "password", password, "next", "/admin/users/?q=a")

const (
	notKept = "your browser did not keep the console’s cookie"
	unkept  = "Browsers do not keep a sign-in at this address"
)

// An address is where a browser asks for the console, and what it adds.
type address struct {
	name    string
	options []testkit.Option
	secure  bool // the cookie has this attribute
	drops   bool // browsers drop the cookie
}

func addresses() []address {
	host, header := func(h string) testkit.Option { return testkit.Header("Host", h) }, testkit.Header
	type options = []testkit.Option
	return []address{
		{"localhost", options{host("localhost:8000")}, false, false},
		{"127.0.0.1", options{host("127.0.0.1:8000"), header("Origin", "http://127.0.0.1:8000")}, false, false},
		{"[::1]", options{host("[::1]:8000"), testkit.From("::1")}, false, false},
		{"localhost through a container's network", options{host("localhost:8000"), testkit.From("172.17.0.1")}, true, false},
		{"localhost through a proxy", options{host("localhost"), header("X-Forwarded-For", "127.0.0.1")}, true, false},
		{"a name", options{host("h5.test:8000"), header("Origin", "http://h5.test:8000")}, true, true},
		{"an address", options{host("10.42.8.201:8000"), testkit.From("10.42.8.9"), header("Origin", "http://10.42.8.201:8000")}, true, true},
		{"a trusted proxy with http", options{host("h5.test"), testkit.From("10.0.0.1"), header("X-Forwarded-For", "192.0.2.1"), header("Origin", "http://h5.test")}, true, true},
		{"a trusted proxy with https", options{host("h5.test"), testkit.From("10.0.0.1"), header("X-Forwarded-For", "192.0.2.1"), header("X-Forwarded-Proto", "https"), header("Origin", "https://h5.test")}, true, false},
		{"an https proxy that is not trusted", options{host("h5.test"), header("X-Forwarded-For", "192.0.2.1"), header("Sec-Fetch-Site", "same-origin")}, true, false},
		{"the same with an old browser", options{host("h5.test"), header("X-Forwarded-For", "192.0.2.1"), header("Origin", "https://h5.test")}, true, false},
	}
}

// The cookie is Secure everywhere but on this machine.
func TestSecure(t *testing.T) {
	for _, at := range addresses() {
		var got bool
		app := fiber.New()
		app.Use(func(c *fiber.Ctx) error { got = console.Secure(c); return nil })
		testkit.To(t, resolved(app.Handler())).Get("/admin/", at.options...)
		if got != at.secure {
			t.Errorf("at %s: Secure() = %v; want %v", at.name, got, at.secure)
		}
	}
}

// Where browsers drop the cookie, the form says so before and after the sign-in, with
// what to do.
func TestLogin_SaysWhereNoSignInIsKept(t *testing.T) {
	d := openHTTP(t)
	for _, at := range addresses() {
		b := d.signedOut()
		before := b.Get("/admin/login/", at.options...)
		before.What += " at " + at.name
		if before.Wants(200, `name="password"`); !at.drops {
			before.Lacks(unkept)
			continue
		}
		before.Wants(200, unkept, "Use https", "<code>ssh -L 8000:127.0.0.1:8000 ", "<code>http://127.0.0.1:8000/admin/</code>")
		if strings.Index(before.Text, unkept) > strings.Index(before.Text, "<form action=\"/admin/login/") {
			t.Errorf("%s says it after the form", before.What)
		}
		b.Post("/admin/login/", append(at.options, testkit.Form("username", "ada", "password", "x"))...).Wants(403, unkept, "Sign-in failed")
		out := b.Post("/admin/login/", append(at.options, signIn)...).Wants(303).Leads()
		d.signedOut().Get(out, at.options...).Wants(200, notKept, unkept, `name="next" value="/admin/users/?q=a"`).Lacks("Allow cookies")
	}
}

// After a sign-in every browser shows its cookie before it goes on. One that keeps none,
// on whatever address, is told so, once: the page leads nowhere by itself.
func TestLogin_ProbesTheCookie(t *testing.T) {
	d := openHTTP(t)
	b := d.signedOut()
	out := b.Post("/admin/login/", own, signIn).Wants(303).Leads()
	if on := b.get(out).Wants(303).Leads(); on != "/admin/users/?q=a" {
		t.Errorf("with the cookie it leads to %s", on)
	}
	without := d.signedOut()
	without.get(out).Wants(200, notKept, "Allow cookies for this address", `name="next" value="/admin/users/?q=a"`).Lacks(unkept)
	if len(without.Jar) > 0 || strings.Contains(out, b.Jar["adminid"]) {
		t.Errorf("the address is %s, the cookies are %v; want nothing of the session in them", out, without.Jar)
	}
}

// A theme is kept, and a notice shown, at every address: both have no secret.
func TestTheme_PlainHTTP(t *testing.T) {
	d := openHTTP(t)
	a := d.signedOut().post("/admin/theme/", "theme", "dark").Wants(303)
	if got := a.Header.Get("Set-Cookie"); !strings.Contains(got, "SameSite=Lax") || strings.Contains(got, "Secure") {
		t.Errorf("Set-Cookie = %q; want Lax, and not Secure over http", got)
	}
}
