package basepath

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
)

// ask sends a target through the handler of /pages/. inner is the target that the handler
// behind it got, or "" if that was not called; it answers with a redirect to location.
func ask(method, target, location string) (inner string, res *fasthttp.Response) {
	p := Path{"/pages"}
	handler := p.Handler(func(ctx *fasthttp.RequestCtx) {
		inner = string(ctx.Request.Header.RequestURI())
		if location != "" {
			ctx.Response.Header.Set("Location", location)
		}
	}, func(ctx *fasthttp.RequestCtx) { ctx.SetStatusCode(fasthttp.StatusNotFound) })
	ctx := new(fasthttp.RequestCtx)
	ctx.Request.Header.SetMethod(method)
	ctx.Request.Header.SetHost("localhost:8000")
	ctx.Request.SetRequestURI(target)
	handler(ctx)
	return inner, &ctx.Response
}

func TestPath_Handler(t *testing.T) {
	for _, tt := range []struct {
		target, inner string // inner "": it is not below the base path
	}{
		{"/pages/", "/"},
		{"/pages/get/", "/get/"},
		{"/pages/get/?was=live&x=%2F", "/get/?was=live&x=%2F"},
		{"/pages/set/?name=a/../b//c", "/set/?name=a/../b//c"},
		{"/pages/a%2Fb%C3%A4/", "/a%2Fb%C3%A4/"},
		{"/pages/pages/", "/pages/"},
		{"/pages/static/uplot-1.6.32.min.js", "/static/uplot-1.6.32.min.js"},
		{"/pages/?x#y", "/?x#y"},
		{"/pages/livez", "/livez"},
		{"/pages/readyz?verbose", "/readyz?verbose"},
		{"http://localhost:8000/pages/get/?x=/pages/", "http://localhost:8000/get/?x=/pages/"},
		{"https://[::1]/pages/", "https://[::1]/"},

		{"/livez", "/livez"},
		{"/readyz?verbose", "/readyz?verbose"},
		{"http://localhost/readyz", "http://localhost/readyz"},

		{"/", ""},
		{"/get/", ""},
		{"/admin/", ""},
		{"/pagesx", ""},
		{"/pagesx/", ""},
		{"/PAGES/", ""},
		{"/p%61ges/", ""},
		{"//pages/", ""},
		{"//localhost/pages/", ""},
		{"/x/pages/", ""},
		{"/livez/", ""},
		{"/LIVEZ", ""},
		{"*", ""},
		{"localhost:8000", ""},
		{"pages/get/", ""},
		{"http://localhost", ""},
		{"http://localhost?/pages/", ""},
		{"http://localhost/get/", ""},
		{"http:/pages/", ""},
		{"http://pages/get/", ""},
		{"x/y://localhost/pages/", ""},

		{"/pages//", ""},
		{"/pages//evil.example/", ""},
		{"/pages//localhost:8000/admin/", ""},
		{"/pages/../", ""},
		{"/pages/..", ""},
		{"/pages/.", ""},
		{"/pages/./admin/", ""},
		{"/pages/a/../../admin/", ""},
		{"/pages/%2e%2e/admin/", ""},
		{"/pages/.%2E/admin/", ""},
		{"http://localhost/pages/%2e/", ""},
	} {
		inner, res := ask("GET", tt.target, "")
		if inner != tt.inner || (res.StatusCode() == fasthttp.StatusNotFound) != (tt.inner == "") {
			t.Errorf("GET %s gets on as %q, with %d; want %q", tt.target, inner, res.StatusCode(), tt.inner)
		}
	}
}

// The address without the last slash leads to the one with it, on the same host.
func TestPath_HandlerAddsSlash(t *testing.T) {
	for _, tt := range []struct {
		method, target, location string
		status                   int
	}{
		{"GET", "/pages", "/pages/", 301},
		{"HEAD", "/pages?x=1&y=//z", "/pages/?x=1&y=//z", 301},
		{"POST", "/pages?x=1#y", "/pages/?x=1", 308},
		{"GET", "http://evil.example/pages", "/pages/", 301},
	} {
		inner, res := ask(tt.method, tt.target, "")
		if got := string(res.Header.Peek("Location")); got != tt.location || res.StatusCode() != tt.status || inner != "" {
			t.Errorf("%s %s = %d to %q, got on as %q; want %d to %q", tt.method, tt.target, res.StatusCode(), got, inner, tt.status, tt.location)
		}
	}
}

func TestPath_HandlerRedirects(t *testing.T) {
	for location, want := range map[string]string{
		"/": "/pages/", "/admin/login/?next=%2Fadmin%2F": "/pages/admin/login/?next=%2Fadmin%2F",
		"//evil.example/": "/pages//evil.example/", "?p=2": "?p=2", "": "",
	} {
		if _, res := ask("GET", "/pages/x/", location); string(res.Header.Peek("Location")) != want {
			t.Errorf("a redirect to %q leads to %q; want %q", location, res.Header.Peek("Location"), want)
		}
	}
}

// Without a base path requests cost nothing more.
func TestPath_HandlerOfRoot(t *testing.T) {
	called := 0
	Path{}.Handler(func(*fasthttp.RequestCtx) { called++ }, nil)(nil)
	if called != 1 {
		t.Error("the handler of the root is not the next one")
	}
}

// Whatever the target: one that gets on is a probe or was below the base path, names the
// same host, and cannot climb; and a redirect stays on the server, below the base path.
func FuzzPath_Handler(f *testing.F) {
	for _, target := range []string{
		"/pages/get/?x=1", "/pages", "/pages//evil.example/", "/pages/%2e%2e/admin/", "/pages/a/..", "http://localhost/pages/", "//pages/", "/livez",
		"/pages?//evil.example", "/pages/\\evil.example", "/pages/http://evil.example/", "http://evil.example/pages//x", "x://y/pages/", "*", "",
	} {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		req := new(fasthttp.Request)
		req.Header.SetHost("localhost:8000")
		req.SetRequestURI(target)
		if len(req.URI().PathOriginal()) == 0 {
			return // the engine refuses it
		}
		inner, res := ask("GET", target, "")
		if to := string(res.Header.Peek("Location")); to != "" && !strings.HasPrefix(to, "/pages/") {
			t.Errorf("GET %q leads to %q", target, to)
		}
		if inner == "" {
			return
		}
		got := new(fasthttp.Request)
		got.Header.SetHost("localhost:8000")
		got.SetRequestURI(inner)
		if !bytes.Equal(got.URI().Host(), req.URI().Host()) {
			t.Errorf("GET %q gets on for host %q; want %q", target, got.URI().Host(), req.URI().Host())
		}
		was, is := string(req.URI().PathOriginal()), string(got.URI().PathOriginal())
		if !isProbe([]byte(was)) && was != "/pages"+is {
			t.Errorf("GET %q gets on with the path %q; want %q without /pages", target, is, was)
		}
		// As a browser sees an address that is made of it, such as AddSlash's.
		_, res = ask("GET", "/pages/x/", is+"/")
		here, err := url.Parse("http://localhost:8000/pages/x/")
		if err != nil {
			t.Fatal(err)
		}
		to, err := here.Parse(string(res.Header.Peek("Location")))
		if err == nil && !isProbe([]byte(was)) && (to.Host != here.Host || !strings.HasPrefix(to.Path, "/pages/")) {
			t.Errorf("GET %q can lead to %s", target, to)
		}
	})
}

func BenchmarkPath_Handler(b *testing.B) {
	handler := Path{"/pages"}.Handler(func(*fasthttp.RequestCtx) {}, nil)
	ctx := new(fasthttp.RequestCtx)
	b.ReportAllocs()
	for b.Loop() {
		ctx.Request.SetRequestURI("/pages/get/?was=live")
		handler(ctx)
	}
}
