package web

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/basepath"
	"pagesession/internal/client"
	"pagesession/internal/server"
	"pagesession/internal/testkit"
	"pagesession/session"
)

// serve runs an outer server as the app does, and returns its address.
func serve(t *testing.T, view session.View, change ...func(*Config)) (addr string, f *fake) {
	t.Helper()
	app, f := newApp(t, view, change...)
	fallback, err := NewFallback(newLanguages(english(t).Language), basepath.Path{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	srv := &fasthttp.Server{
		Handler:        Handler(app),
		ErrorHandler:   func(ctx *fasthttp.RequestCtx, err error) { fallback.Answer(ctx, server.ErrorStatus(err)) },
		ReadBufferSize: 4 << 10, MaxRequestBodySize: DefaultBodyLimit, ReadTimeout: 300 * time.Millisecond,
		Logger: quiet{}, NoDefaultServerHeader: true,
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	t.Cleanup(func() {
		if err := srv.Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String(), f
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

func TestServer_Raw(t *testing.T) {
	addr, f := serve(t, session.View{})
	long := strings.Repeat("x", 8<<10)
	tests := []struct {
		name, text string
		code       int
	}{
		{"page", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200},
		{"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
		{"no Host, 1.0", "GET / HTTP/1.0\r\n\r\n", 400},
		{"two Hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400},
		{"user in Host", "GET / HTTP/1.1\r\nHost: evil@localhost\r\n\r\n", 400},
		{"no HTTP", "hello there\r\n\r\n", 400},
		{"control byte in a header", "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n", 400},
		{"absolute target", "GET http://localhost/get/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 200},
		{"absolute target elsewhere", "GET http://evil.example/get/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
		{"doubled slash", "GET //evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 404},
		{"doubled slash, no end", "GET //evil.example HTTP/1.1\r\nHost: localhost\r\n\r\n", 404},
		{"backslash", "GET /\\evil.example HTTP/1.1\r\nHost: localhost\r\n\r\n", 404},
		{"header too large", "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + long + "\r\n\r\n", 431},
		{"address too long", "GET /?" + long + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 431},
		{"body too large", fmt.Sprintf("POST /set/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n", DefaultBodyLimit+1), 413},
		{"body too slow", "POST /set/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nname", 408},
		{"unheard of method", "BREW /get/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 405},
		{"unheard of method, nowhere", "BREW /nope HTTP/1.1\r\nHost: localhost\r\n\r\n", 404},
		{"unheard of method, unknown host", "BREW /get/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400},
		{"small method", "get /get/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 405},
		{"CONNECT", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404},
		{"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := testkit.Dial(t, addr).Ask(tt.text)
			if a.StatusCode != tt.code {
				t.Errorf("status = %d; want %d\n%s", a.StatusCode, tt.code, a.Text)
			}
			a.Lacks("xxxx", "fasthttp", "error when", "Cannot ")
			if c := cookies(a); c != nil {
				t.Errorf("Set-Cookie = %q; want none", c)
			}
			checkHeaders(t, a)
			checkCaching(t, a, false)
		})
	}
	f.called()
}

func TestServer_UnheardOfMethodIsAllowedNothing(t *testing.T) {
	addr, f := serve(t, liveView("Sonam"))
	a := testkit.Dial(t, addr).Ask("BREW /set/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if a.StatusCode != 405 || a.Header.Get("Allow") != "GET, HEAD, POST, OPTIONS" || f.changes() != "" {
		t.Errorf("BREW /set/ = %d, Allow %q", a.StatusCode, a.Header.Get("Allow"))
	}
}

// Nothing of one request shows in the next on the same connection, and the
// same app serves many at once.
func TestServer_KeepAlive(t *testing.T) {
	addr, _ := serve(t, liveView("Sonam"))
	client := &http.Client{Timeout: 5 * time.Second}
	t.Cleanup(client.CloseIdleConnections)
	done := make(chan error)
	for i := range 8 {
		go func() {
			for j := range 20 {
				if err := seeOwnName(client, addr, fmt.Sprintf("visitor-%d-%d", i, j)); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func seeOwnName(client *http.Client, addr, name string) error {
	req, err := http.NewRequest("GET", "http://"+addr+"/set/?name="+name, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var b strings.Builder
	if _, err := bufio.NewReader(resp.Body).WriteTo(&b); err != nil {
		return err
	}
	if !strings.Contains(b.String(), ">"+name+"<") {
		return fmt.Errorf("/set/?name=%s shows another page:\n%s", name, b.String())
	}
	return nil
}

// A mistake of the server costs one answer, not the connection, and not the server.
func TestServer_Panic(t *testing.T) {
	addr, _ := serve(t, session.View{}, func(cfg *Config) { cfg.Sessions = panicking{} })
	conn := testkit.Dial(t, addr)
	for _, path := range []string{"/session/", "/", "/session/"} {
		a := conn.Ask("GET "+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n").Wants(500, "<h1>Something went wrong</h1>").Lacks("secret")
		if cookies(a) != nil {
			t.Errorf("GET %s sets %q; want nothing", path, cookies(a))
		}
		checkHeaders(t, a)
		checkCaching(t, a, false)
	}
}

// The console has its own check of where a form comes from, which says what is wrong. Only
// its own paths are left to it.
func TestMiddleware_LeavesFormsToTheConsole(t *testing.T) {
	app, _ := newApp(t, session.View{}, func(cfg *Config) {
		cfg.Console = func(ctx *fasthttp.RequestCtx) { ctx.WriteString("console") }
	})
	for path, left := range map[string]bool{
		"/admin": true, "/admin/": true, "/admin/login/": true, "/admin/../del/": true,
		"/adminx": false, "/Admin/": false, "/del/": false, "/": false, "//admin/": false, "/%61dmin/": false,
	} {
		a := ask(t, app, "POST", path, "", "Origin: http://evil.example")
		if got := a.Text == "console"; got != left || !left && a.StatusCode != 403 {
			t.Errorf("POST %s = %d; reaches the console: %v; want %v", path, a.StatusCode, got, left)
		}
		ask(t, app, "POST", path, "", "Origin: http://evil.example", "Host: evil.example").Wants(400)
	}
}

// Where the client uses https, a form of the same host's http page is refused: someone on
// the network may have written that page.
func TestMiddleware_RefusesHTTPPagesOfAnHTTPSClient(t *testing.T) {
	app, _ := newApp(t, session.View{})
	proxies, err := client.Parse("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	b := testkit.To(t, client.NewResolver(proxies, slog.New(slog.DiscardHandler)).Handler(Handler(app)))
	for _, test := range []struct {
		proto, page string
		want        int
	}{
		{"https", "https://localhost", 200},
		{"https", "http://localhost", 403},
		{"http", "http://localhost", 200},
		{"http", "https://localhost", 200}, // a proxy that is not trusted has the TLS
		{"http", "http://evil.example", 403},
	} {
		a := b.Post("/set/", testkit.Header("X-Forwarded-Proto", test.proto), testkit.Header("Origin", test.page))
		a.What += " of " + test.page + " over " + test.proto
		a.Wants(test.want)
	}
}
