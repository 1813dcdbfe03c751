package page

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/assets"
	"pagesession/internal/basepath"
	"pagesession/internal/client"
)

func TestStatusOf(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	rules := []Rule{{503, []error{first}}, {409, []error{first, second}}}
	for _, tt := range []struct {
		err  error
		want int
	}{
		{Status(403), 403},
		{fmt.Errorf("wrapped: %w", Status(403)), 403},
		{fiber.ErrNotFound, 404},
		{fmt.Errorf("wrapped: %w", first), 503},
		{second, 409},
		{errors.New("anything"), 500},
	} {
		if got := StatusOf(tt.err, rules); got != tt.want {
			t.Errorf("StatusOf(%v) = %d; want %d", tt.err, got, tt.want)
		}
	}
}

func TestFail(t *testing.T) {
	for wait, want := range map[time.Duration]string{0: "", 1: "1", time.Second: "1", 1500 * time.Millisecond: "2"} {
		c := request(t)
		testCookie.Set(c, "x", time.Minute)
		Fail(c, 503, wait)
		h := &c.Response().Header
		if got := string(h.Peek("Retry-After")); got != want || len(h.PeekCookie("messages")) > 0 || string(h.Peek("Cache-Control")) != "no-store" {
			t.Errorf("Fail(%v): %s; want Retry-After %q, no-store and no cookie", wait, h, want)
		}
	}
}

func TestMethods(t *testing.T) {
	handle := func(string) error { return nil }
	for _, tt := range []struct {
		m    Methods[string]
		want string
		with string // the methods that have a handler
	}{
		{Methods[string]{Get: handle}, "GET, HEAD, OPTIONS", "GET HEAD "},
		{Methods[string]{Post: handle}, "POST, OPTIONS", "POST "},
		{Methods[string]{Get: handle, Post: handle}, "GET, HEAD, POST, OPTIONS", "GET HEAD POST "},
	} {
		handled := ""
		for _, method := range fiber.DefaultMethods {
			if tt.m.For(method) != nil {
				handled += method + " "
			}
		}
		if got := tt.m.Allow("OPTIONS"); got != tt.want || handled != tt.with {
			t.Errorf("Allow = %q, handled are %q; want %q, %q", got, handled, tt.want, tt.with)
		}
	}
}

func TestCookie_Secure(t *testing.T) {
	proxies, err := client.Parse("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	for scheme, secure := range map[string]string{"http": "", "https": "; Secure"} {
		name := map[string]string{"http": "theme", "https": "__Secure-theme"}[scheme]
		c := request(t)
		c.Context().SetRemoteAddr(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
		c.Request().Header.Set("X-Forwarded-Proto", scheme)
		client.NewResolver(proxies, slog.New(slog.DiscardHandler)).Handler(func(*fasthttp.RequestCtx) {})(c.Context())
		Cookie{Name: "theme", Path: "/admin/", SameSite: "Lax"}.Set(c, "dark", time.Hour)
		if got, want := string(c.Response().Header.PeekCookie(name)), name+"=dark; HttpOnly; Max-Age=3600; Path=/admin/; SameSite=Lax"+secure; got != want {
			t.Errorf("over %s the cookie is %q; want %q", scheme, got, want)
		}
	}
}

func TestLoadTemplates(t *testing.T) {
	folder := fstest.MapFS{
		"ok.html":            {Data: []byte(`<p title="{{.}}">{{template "partials/name" .}}</p>`)},
		"late.html":          {Data: []byte(`<p>{{.}}{{.Missing}}</p>`)},
		"partials/name.html": {Data: []byte(`<b>{{.}}</b>`)},
	}
	templates, err := LoadTemplates(folder, basepath.Path{}, assets.Place{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := request(t)
	if err := templates.Render(c, "ok", `<"x">`); err != nil {
		t.Fatal(err)
	}
	want := `<p title="&lt;&#34;x&#34;&gt;"><b>&lt;&#34;x&#34;&gt;</b></p>`
	if got := string(c.Response().Body()); got != want || string(c.Response().Header.ContentType()) != "text/html; charset=utf-8" {
		t.Errorf("Render = %q as %s; want %q", got, c.Response().Header.ContentType(), want)
	}
	if err := templates.Render(c, "late", "x"); err == nil || len(c.Response().Body()) > 0 {
		t.Errorf("Render of a page that fails half way = %v, %q; want an error and nothing", err, c.Response().Body())
	}
	if err := templates.Render(c, "none", nil); err == nil {
		t.Error("Render of a page that is missing = nil; want an error")
	}
}

func TestLoadTemplates_Broken(t *testing.T) {
	for what, text := range map[string]string{
		"syntax":   `{{`,
		"function": `{{nope}}`,
		"markup":   `<a href="{{if .}}x{{else}}">{{end}}`,
	} {
		if _, err := LoadTemplates(fstest.MapFS{"p.html": {Data: []byte(text)}}, basepath.Path{}, assets.Place{}, nil); err == nil {
			t.Errorf("%s: LoadTemplates(%q) = nil; want an error", what, text)
		}
	}
}

// Fixed addresses and those of data get the base path; what is relative stays.
func TestLoadTemplates_BasePath(t *testing.T) {
	source := `<a href="{{url "/get/"}}?a=b"></a><a href="{{url .}}">{{url "/set/"}}</a><a href="{{url "?p=2"}}"></a>`
	for base, want := range map[string]string{
		"/":       `<a href="/get/?a=b"></a><a href="/x/?y=1&amp;z=2">/set/</a><a href="?p=2"></a>`,
		"/pages/": `<a href="/pages/get/?a=b"></a><a href="/pages/x/?y=1&amp;z=2">/pages/set/</a><a href="?p=2"></a>`,
	} {
		path, err := basepath.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		templates, err := LoadTemplates(fstest.MapFS{"p.html": {Data: []byte(source)}}, path, assets.Place{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := request(t)
		if err := templates.Render(c, "p", "/x/?y=1&z=2"); err != nil {
			t.Fatal(err)
		}
		if got := string(c.Response().Body()); got != want {
			t.Errorf("below %q = %s; want %s", base, got, want)
		}
	}
}
