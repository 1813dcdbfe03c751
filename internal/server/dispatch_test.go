package server_test

import (
	"log/slog"
	"strings"
	"testing"

	"pagesession/internal/testkit"

	"github.com/valyala/fasthttp"
)

// assertPlain checks the headers of the answers that this package makes.
func assertPlain(t *testing.T, what string, res *testkit.Reply) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Type":           "text/plain; charset=utf-8",
		"X-Content-Type-Options": "nosniff",
		"Cache-Control":          "no-store",
		"Server":                 "",
		"Set-Cookie":             "",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %s = %q; want %q", what, name, got, want)
		}
	}
}

// A connection that got an answer during the start reaches the application later.
func TestServer_ReadySwapsTheHandler(t *testing.T) {
	r := start(t, config())
	c := r.dial(t)
	if res := c.Ask(get); res.StatusCode != 503 || res.Text != "come back later" || r.IsReady() {
		t.Errorf("before Ready: %d, %q, IsReady() = %v; want 503, come back later, false", res.StatusCode, res.Text, r.IsReady())
	}
	r.Ready(hello)
	if res := c.Ask(get); res.StatusCode != 200 || res.Text != "hello GET / " {
		t.Errorf("after Ready: %d, %q; want 200, hello", res.StatusCode, res.Text)
	}
	if !r.IsReady() {
		t.Error("IsReady() = false; want true after Ready")
	}
	r.Draining()
	if res := c.Ask(get); res.StatusCode != 200 || !res.Close || r.IsReady() {
		t.Errorf("draining: %d, close %v, IsReady() = %v; want 200, close, false", res.StatusCode, res.Close, r.IsReady())
	}
	r.Ready(hello)
	if r.IsReady() {
		t.Error("IsReady() = true; want false, draining is for good")
	}
}

func TestServer_PanicIsAnsweredAndLogged(t *testing.T) {
	var log strings.Builder
	cfg := config()
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	r := start(t, cfg)
	r.Ready(func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Set-Cookie", "sessionid=secret")
		ctx.SetBodyString("half a page")
		panic("the disk is made of cheese")
	})
	c := r.dial(t)
	res := c.Ask("GET /admin/sessions/0123handle/?name=private HTTP/1.1\r\nHost: x\r\nCookie: sessionid=secret\r\n\r\n")
	if res.StatusCode != 500 || res.Text != "Something went wrong here. Please try again." || !res.Close {
		t.Errorf("panic: %d, %q, close %v; want 500, a fixed sentence, close", res.StatusCode, res.Text, res.Close)
	}
	assertPlain(t, "panic", res)
	c.ExpectClosed()

	r.Ready(hello)
	if res := r.dial(t).Ask(get); res.StatusCode != 200 {
		t.Errorf("after a panic: status = %d; want 200", res.StatusCode)
	}
	if err := r.stop(testkit.Patience); err != nil { // the log is ours from here on
		t.Fatalf("Shutdown() = %v", err)
	}
	for _, want := range []string{"made of cheese", "method=GET", "dispatch_test.go"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log = %s; want %q in it", log.String(), want)
		}
	}
	for _, secret := range []string{"secret", "private", "Cookie", "0123handle"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("log = %s; want no %q in it", log.String(), secret)
		}
	}
}

func TestServer_PanicInErrorHandler(t *testing.T) {
	cfg := config()
	cfg.Error = func(*fasthttp.RequestCtx, int) { panic("no page") }
	r := start(t, cfg)
	res := r.dial(t).Ask("GET / HTTP/1.1\r\n\r\n")
	if res.StatusCode != 500 || !strings.Contains(res.Text, "went wrong") {
		t.Errorf("panic: %d, %q; want 500", res.StatusCode, res.Text)
	}
}

func TestServer_ErrorHandlerIsAsked(t *testing.T) {
	cfg := config()
	cfg.Error = func(ctx *fasthttp.RequestCtx, status int) { ctx.Error("our page", status) }
	r := start(t, cfg)
	res := r.dial(t).Ask("GET / HTTP/1.1\r\n\r\n")
	if res.StatusCode != 400 || res.Text != "our page" {
		t.Errorf("no Host: %d, %q; want 400, our page", res.StatusCode, res.Text)
	}
}
