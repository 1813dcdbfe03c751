package web

import (
	"bytes"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"pagesession/internal/basepath"
	"pagesession/session"
)

// debugging logs into log, with --debug.
func debugging(log *bytes.Buffer) func(*Config) {
	return func(cfg *Config) {
		cfg.Debug = true
		cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	}
}

var requestID = regexp.MustCompile(`Request ([0-9a-f]{16})<`)

// An error page names the request as the log does, once, and lists what there
// is. What the request brought is in neither.
func TestDebug_ErrorPages(t *testing.T) {
	t.Setenv("PAGESESSION_SECRET", "secretenvironment")
	const brought = "X-Request-Id: secretheader"
	live := liveView("secretname")
	for _, tt := range []struct {
		method, target string
		err            error
		code           int
		logged         string
	}{
		{"GET", "/secretpath?x=secretquery", nil, 404, "level=INFO"},
		{"PUT", "/get/", nil, 405, "path=/get/"},
		{"POST", "/del/?secretquery", nil, 503, "level=WARN"},
		{"POST", "/set/?name=secretname", errors.New("because"), 500, "because"},
		{"GET", "/get/?secretquery", nil, 503, "status=503"}, // a prefetch
	} {
		var log bytes.Buffer
		app, f := newApp(t, live, debugging(&log))
		headers := []string{brought, "Cookie: sessionid=secretid; messages=secretmessage"}
		if f.err = tt.err; tt.logged == "level=WARN" {
			f.err = session.ErrFull
		}
		if tt.logged == "status=503" {
			headers = append(headers, "Purpose: prefetch")
		}
		a := ask(t, app, tt.method, tt.target, "", headers...)
		if a.StatusCode != tt.code {
			t.Errorf("%s %s = %d; want %d", tt.method, tt.target, a.StatusCode, tt.code)
		}
		a.Has("<li><code>GET, HEAD, POST, OPTIONS /set/</code></li>", "<li><code>POST, OPTIONS /session/timeout/</code></li>",
			"<li><code>GET, HEAD, OPTIONS /livez</code></li>")
		a.Lacks("secret", "because", "PAGESESSION_", "goroutine")
		m := requestID.FindStringSubmatch(a.Text)
		if m == nil || strings.Count(log.String(), "request="+m[1]) != 1 || strings.Count(log.String(), "\n") != 1 {
			t.Errorf("%s %s is request %q; the log says:\n%s", tt.method, tt.target, m, log.String())
		}
		if strings.Contains(log.String(), "secret") || !strings.Contains(log.String(), tt.logged) {
			t.Errorf("the log holds something secret, or lacks %s:\n%s", tt.logged, log.String())
		}
	}
}

func TestDebug_Panic(t *testing.T) {
	var log bytes.Buffer
	app, _ := newApp(t, session.View{}, debugging(&log), func(cfg *Config) { cfg.Sessions = panicking{} })
	a := ask(t, app, "GET", "/session/", "")
	m := requestID.FindStringSubmatch(a.Text)
	if m == nil || a.StatusCode != 500 || strings.Count(log.String(), "request="+m[1]) != 1 || strings.Count(log.String(), "level=") != 1 {
		t.Errorf("a panic = %d, request %q; logged:\n%s", a.StatusCode, m, log.String())
	}
	a.Lacks("secret")
}

// Each page shows another id, and without --debug none.
func TestDebug_IDs(t *testing.T) {
	var log bytes.Buffer
	app, _ := newApp(t, session.View{}, debugging(&log))
	seen := map[string]bool{}
	for range 20 {
		m := requestID.FindStringSubmatch(ask(t, app, "GET", "/nope", "").Text)
		if m == nil || seen[m[1]] {
			t.Fatalf("request %q, seen %v", m, seen)
		}
		seen[m[1]] = true
	}
	app, _ = newApp(t, session.View{})
	ask(t, app, "GET", "/nope", "").Lacks("Request ", "<code>", "/session/timeout/")
}

// The list of routes is the one that is served.
func TestDebug_RoutesAreServed(t *testing.T) {
	app, _ := newApp(t, session.View{})
	for _, line := range newDebugInfo("", basepath.Path{}).Routes {
		i := strings.LastIndex(line, " ")
		allow, path := line[:i], strings.Replace(line[i+1:], "...", "style.css", 1)
		if got := ask(t, app, "OPTIONS", path, "").Header.Get("Allow"); got != allow {
			t.Errorf("%s allows %q; want %q", path, got, allow)
		}
	}
}

// Requests that never reach the app are named, too.
func TestFallback_Debug(t *testing.T) {
	var log bytes.Buffer
	fallback, err := NewFallback(newLanguages(english(t).Language), basepath.Path{}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	var ctx fasthttp.RequestCtx
	fallback.Answer(&ctx, 400)
	m := requestID.FindSubmatch(ctx.Response.Body())
	if m == nil || !strings.Contains(log.String(), "request="+string(m[1])) || !bytes.Contains(ctx.Response.Body(), []byte("/session/timeout/")) {
		t.Errorf("the page names %q, the log says:\n%s", m, log.String())
	}
}
