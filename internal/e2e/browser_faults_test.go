package e2e

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/basepath"
	engine "pagesession/internal/server"
	"pagesession/internal/testkit"
	"pagesession/internal/web"
	"pagesession/session"
)

// asked are requests that no browser sends, or not at will, by the status of their answer.
// A proxy or a bad line sends some of them, and then a browser shows the answer.
var asked = map[string]string{
	"408": "POST /set/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nname",
	"417": "POST /set/ HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\nContent-Length: 1\r\n\r\nx",
	"429": "GET /set/ HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n",
	"500": "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
	"505": "GET / HTTP/3.5\r\nHost: localhost\r\n\r\n",
}

// Their pages are accessible, in light and dark, and fit on every screen. The browser gets
// each from a server that shows the real one's answer.
func TestBrowserAxe_PagesOfFaults(t *testing.T) {
	t.Parallel()
	s := start(t, "--trusted-proxies=127.0.0.1", "--client-creations=0", "--client-sessions=1")
	s.raw(t, asked["429"]) // the one session that its network may have
	answers := map[string]*testkit.Reply{}
	for code, request := range asked {
		at := s.addr
		if code == "408" || code == "500" {
			at = startFaulty(t)
		}
		answers[code] = testkit.Dial(t, at).Ask(request)
	}
	b := open(t, startMirror(t, s, answers), 4*time.Minute)
	for code := range asked {
		b.open("/" + code)
		b.errorPage(code)
	}
	b.forgive("status of 4", "status of 5")
}

// startMirror starts a server that shows an answer at /STATUS, and the static files of s.
func startMirror(t *testing.T, s *server, answers map[string]*testkit.Reply) *server {
	t.Helper()
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", httputil.NewSingleHostReverseProxy(target))
	for code, answer := range answers {
		mux.HandleFunc("/"+code, func(w http.ResponseWriter, _ *http.Request) {
			for name, values := range answer.Header {
				if name != "Connection" {
					w.Header()[name] = values
				}
			}
			w.WriteHeader(answer.StatusCode)
			fmt.Fprint(w, answer.Text)
		})
	}
	mirror := httptest.NewServer(mux)
	t.Cleanup(mirror.Close)
	shown := *s
	shown.url = mirror.URL
	return &shown
}

// failing is a session policy that panics.
type failing struct{ web.Sessions }

func (failing) Peek(*fiber.Ctx) (session.View, error) { panic("a fault on purpose") }

// startFaulty serves the pages, with a fault behind each, and with a second for a request
// to arrive. It returns the address.
func startFaulty(t *testing.T) (addr string) {
	t.Helper()
	languages, err := web.LoadLanguages("en")
	if err != nil {
		t.Fatal(err)
	}
	fallback, err := web.NewFallback(languages, basepath.Path{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	silent := slog.New(slog.DiscardHandler)
	app, err := web.New(web.Config{Sessions: failing{}, Logger: silent})
	if err != nil {
		t.Fatal(err)
	}
	limits := engine.DefaultLimits()
	limits.Read = time.Second
	s := engine.New(engine.Config{Unavailable: fallback.Starting, Error: fallback.Answer, Logger: silent, Limits: limits})
	s.Ready(web.Handler(app))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
		defer cancel()
		if err := errors.Join(s.Shutdown(ctx), <-served); err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}
