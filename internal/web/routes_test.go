package web

import (
	"slices"
	"strings"
	"testing"

	"pagesession/internal/assets"
	"pagesession/internal/page"
	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/storage/record"
)

// TestRoutes holds every row of the outside: what a request gets, and what is
// done to the session for it.
func TestRoutes(t *testing.T) {
	live, none := liveView("Sonam"), session.View{}
	idle := endedView(record.Idle)
	const (
		browser = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)"
		page    = "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
	)
	const cross, same = "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"
	type hs = []string
	tests := []struct {
		view           session.View
		method, target string
		headers        hs
		code           int
		calls          string // made to Sessions, in order
		cookie         string // what must be set; "" is nothing
		holds          string // what the body must hold
	}{
		{none, "GET", "/", nil, 200, "peek", "", "You have no session"},
		{live, "GET", "/", nil, 200, "peek", "", "Your session is live"},
		{idle, "GET", "/", nil, 200, "peek", "", "Your session has Expired..."},

		{none, "GET", "/set/", nil, 200, "start", made, "<h1>Session setting up...........</h1>"},
		{live, "GET", "/set/?name=Robin", nil, 200, "start", made, ">Robin<"},
		{none, "POST", "/set/", nil, 200, "start", made, ">Sonam<"},
		{none, "GET", "/set/?name=", nil, 400, "peek", "", "The name is empty"},
		{none, "GET", "/set/", hs{"Sec-Fetch-Site: none"}, 200, "start", made, "setting up"},
		{none, "GET", "/set/", hs{"Sec-Fetch-Site: same-origin"}, 200, "start", made, "setting up"},
		{none, "GET", "/set/?name=Robin", hs{cross}, 200, "peek", "", `name="name" value="Robin"`},
		{none, "GET", "/set/", hs{same}, 200, "peek", "", `action="/set/" method="post"`},
		{none, "GET", "/set/?name=", hs{cross}, 400, "peek", "", "The name is empty"},
		{none, "POST", "/set/", hs{cross}, 403, "", "", "Nothing was changed"},
		{none, "POST", "/set/", hs{same}, 403, "", "", ""},
		{none, "POST", "/set/", hs{"Origin: https://evil.example"}, 403, "", "", ""},
		{none, "POST", "/set/", hs{"Origin: null"}, 403, "", "", ""},
		{none, "POST", "/set/", hs{"Origin: http://localhost"}, 200, "start", made, ""},
		{none, "POST", "/set/", hs{"Origin: http://localhost:8000", "Host: localhost:8000"}, 200, "start", made, ""},
		{none, "POST", "/set/", hs{"Origin: http://localhost:1"}, 403, "", "", ""},
		{none, "POST", "/set/", hs{cross, "Origin: http://localhost"}, 403, "", "", ""},
		{none, "POST", "/set/", hs{"Sec-Fetch-Site: nonsense"}, 403, "", "", ""},
		{none, "POST", "/set/", hs{"Sec-Fetch-Site: same-origin"}, 200, "start", made, ""},
		{none, "POST", "/set/", hs{"Sec-Fetch-Site: none"}, 200, "start", made, ""},

		{live, "GET", "/get/", nil, 200, "refresh", made, "<h1>Your name from the session</h1>"},
		{live, "GET", "/get/", hs{cross}, 200, "refresh", made, "Sonam"},
		{idle, "GET", "/get/", nil, 200, "refresh", deleted, "<h1>Your session has Expired...</h1>"},
		{none, "GET", "/get/", nil, 200, "refresh", "", "<h1>You have no session</h1>"},
		{session.View{Cookie: true}, "GET", "/get/", nil, 200, "refresh", deleted, "<h1>Your session has ended</h1>"},

		{live, "GET", "/del/", nil, 200, "peek end", deleted, "<h1>You session has been deleted successfully</h1>"},
		{live, "POST", "/del/", nil, 200, "peek end", deleted, "deleted successfully"},
		{none, "GET", "/del/", nil, 200, "peek end", "", "There was no session to delete"},
		{live, "GET", "/del/", hs{cross}, 200, "peek", "", `action="/del/" method="post"`},
		{live, "GET", "/del/", hs{same}, 200, "peek", "", `action="/del/" method="post"`},
		{live, "POST", "/del/", hs{cross}, 403, "", "", ""},

		// Browsers send no Sec-Fetch-Site to http names other than localhost.
		{live, "GET", "/del/", hs{browser, page}, 200, "peek", "", `action="/del/" method="post"`},
		{live, "GET", "/del/", hs{browser, page, "Referer: http://evil.example/"}, 200, "peek", "", `action="/del/" method="post"`},
		{live, "GET", "/del/", hs{browser, page, "Referer: http://localhost:1/"}, 200, "peek", "", `action="/del/" method="post"`},
		{live, "GET", "/del/", hs{browser, page, "Origin: null"}, 200, "peek", "", `action="/del/" method="post"`},
		{live, "GET", "/del/", hs{browser, page, "Referer: http://localhost/get/"}, 200, "peek end", deleted, ""},
		{live, "GET", "/del/", hs{browser, page, "Origin: http://localhost"}, 200, "peek end", deleted, ""},
		{live, "GET", "/del/", hs{browser, page, "Host: localhost:8000", "Referer: http://localhost:8000/"}, 200, "peek end", deleted, ""},
		{live, "GET", "/del/", hs{browser, page, "Sec-Fetch-Site: none"}, 200, "peek end", deleted, ""},
		{live, "GET", "/del/", hs{browser, page, cross, "Referer: http://localhost/"}, 200, "peek", "", `action="/del/" method="post"`},
		{live, "GET", "/del/", hs{"User-Agent: curl/8.14.1", "Accept: */*"}, 200, "peek end", deleted, ""},
		{live, "GET", "/del/", hs{"User-Agent: curl/8.14.1", page}, 200, "peek end", deleted, ""},
		{live, "GET", "/del/", hs{browser, "Accept: */*"}, 200, "peek end", deleted, ""},
		{live, "GET", "/del/", hs{browser, "Accept: image/avif,*/*", "Referer: http://evil.example/"}, 200, "peek", "", ""},
		{none, "GET", "/set/?name=Robin", hs{browser, page}, 200, "peek", "", `name="name" value="Robin"`},
		{none, "GET", "/set/?name=Robin", hs{browser, page, "Referer: http://localhost/"}, 200, "start", made, ">Robin<"},
		{none, "GET", "/set", hs{browser, page}, 301, "", "", ""},
		{none, "POST", "/set/", hs{browser, page, "Origin: http://localhost"}, 200, "start", made, ""},
		{live, "GET", "/get/", hs{browser, page}, 200, "refresh", made, "Sonam"},

		{live, "GET", "/session/", nil, 200, "peek", "", `"state":"live"`},
		{live, "GET", "/session/", hs{"Sec-Purpose: prefetch"}, 200, "peek", "", ""},
		{live, "GET", "/session/", hs{"Origin: https://evil.example"}, 200, "peek", "", ""},
		{live, "OPTIONS", "/session/", hs{"Origin: https://evil.example", "Access-Control-Request-Method: GET"}, 204, "", "", ""},
		{live, "POST", "/session/", nil, 405, "", "", ""},
		{live, "POST", "/get/", nil, 405, "", "", ""},
		{live, "POST", "/", nil, 405, "", "", ""},
		{live, "GET", "/session/refresh/", nil, 405, "", "", ""},
		{live, "POST", "/session/refresh/", hs{"Sec-Purpose: prefetch"}, 503, "", "", ""},
		{live, "POST", "/session/refresh/", nil, 204, "refresh", made, ""},
		{idle, "POST", "/session/refresh/", nil, 401, "refresh", "", `{"state":"ended","reason":"idle"}`},
		{none, "POST", "/session/refresh/", nil, 401, "refresh", "", `{"state":"none","reason":""}`},
		{live, "POST", "/session/refresh/", hs{cross}, 403, "", "", ""},
		{live, "GET", "/session/timeout/", nil, 405, "", "", ""},
		{live, "HEAD", "/session/timeout/", nil, 405, "", "", ""},
		{live, "POST", "/session/timeout/", nil, 400, "peek", "", "That time cannot be chosen"},
		{live, "POST", "/session/timeout/?timeout=60", nil, 400, "peek", "", ""},
		{live, "POST", "/session/timeout/", hs{cross}, 403, "", "", ""},
		{live, "POST", "/session/timeout/", hs{same}, 403, "", "", ""},
		{live, "POST", "/session/timeout/", hs{"Origin: https://evil.example"}, 403, "", "", ""},
		{live, "POST", "/session/timeout/", hs{"Sec-Purpose: prefetch"}, 503, "", "", ""},

		{live, "GET", "/set/", hs{"Sec-Purpose: prefetch"}, 503, "", "", ""},
		{live, "GET", "/get/", hs{"Sec-Purpose: prefetch;prerender"}, 503, "", "", ""},
		{live, "GET", "/get/", hs{"Sec-Purpose: prerender"}, 503, "", "", ""},
		{live, "GET", "/get/", hs{"Sec-Purpose: prefetch;anonymous-client-ip"}, 503, "", "", ""},
		{live, "POST", "/set/", hs{"Sec-Purpose: prefetch"}, 503, "", "", ""},
		{live, "POST", "/del/", hs{"Sec-Purpose: prefetch"}, 503, "", "", ""},
		{live, "GET", "/get/", hs{"Purpose: prefetch"}, 503, "", "", ""},
		{live, "HEAD", "/get/", hs{"Purpose: prefetch"}, 503, "", "", ""},
		{live, "GET", "/del/", hs{"X-Moz: prefetch"}, 503, "", "", ""},
		{live, "GET", "/", hs{"Sec-Purpose: prefetch"}, 200, "peek", "", ""},

		{live, "HEAD", "/", nil, 200, "peek", "", ""},
		{live, "HEAD", "/set/", nil, 200, "peek", "", ""},
		{none, "HEAD", "/set/?name=", nil, 400, "peek", "", ""},
		{live, "HEAD", "/get/", nil, 200, "peek", "", ""},
		{idle, "HEAD", "/get/", nil, 200, "peek", "", ""},
		{live, "HEAD", "/del/", nil, 200, "peek", "", ""},
		{live, "HEAD", "/session/", nil, 200, "peek", "", ""},
		{live, "HEAD", "/session/refresh/", nil, 405, "", "", ""},

		{live, "GET", "/livez", nil, 200, "", "", "ok"},
		{live, "GET", "/readyz", nil, 200, "", "", "ready"},
		{live, "GET", "/livez", hs{"Host: 10.0.0.7:8000"}, 200, "", "", "ok"},
		{live, "GET", "/readyz", hs{"Host: 10.0.0.7:8000"}, 200, "", "", "ready"},
		{live, "GET", "/livez/", nil, 404, "", "", ""},

		{live, "GET", "/get/", hs{"Host: evil.example"}, 400, "", "", "This server does not answer to the name"},
		{live, "GET", "/nope", hs{"Host: evil.example"}, 400, "", "", ""},
		{live, "GET", "/static/style.css", hs{"Host: evil.example"}, 200, "", "", "main"},
		{live, "POST", "/static/style.css", hs{"Host: evil.example"}, 400, "", "", ""},
		{live, "GET", "/static/nope.css", hs{"Host: evil.example"}, 400, "", "", ""},
		{live, "GET", "/get", hs{"Host: evil.example"}, 400, "", "", ""},
		{live, "GET", "/get/", hs{"Host: evil.example", "X-Forwarded-Host: localhost"}, 400, "", "", ""},

		{live, "GET", "/GET/", nil, 404, "", "", "Page not found"},
		{live, "GET", "/Get/", nil, 404, "", "", ""},
		{live, "GET", "/get//", nil, 404, "", "", ""},
		{live, "GET", "//get/", nil, 404, "", "", ""},
		{live, "GET", "//evil.com/", nil, 404, "", "", ""},
		{live, "GET", "//evil.com", nil, 404, "", "", ""},
		{live, "GET", "/%67et/", nil, 404, "", "", ""},
		{live, "GET", "/get%2f", nil, 404, "", "", ""},
		{live, "GET", "/%2fevil.com", nil, 404, "", "", ""},
		{live, "GET", "/x/../get/", nil, 404, "", "", ""},
		{live, "GET", "/./get/", nil, 404, "", "", ""},
		{live, "GET", "/get/x", nil, 404, "", "", ""},
		{live, "GET", "/get/;x", nil, 404, "", "", ""},
		{live, "GET", "/get/%00", nil, 404, "", "", ""},
		{live, "GET", "/session/x", nil, 404, "", "", ""},
		{live, "GET", "/READYZ", nil, 404, "", "", ""},
		{live, "GET", "/.env", nil, 404, "", "", ""},
		{live, "GET", "/metrics", nil, 404, "", "", ""},
		{live, "GET", "/debug/pprof/", nil, 404, "", "", ""},
		{live, "GET", "/static/%2e%2e/%2e%2e/go.mod", nil, 404, "", "", ""},
		{live, "GET", "/.git/config", nil, 404, "", "", ""},
		{live, "GET", "/static/.git/config", nil, 404, "", "", ""},
		{live, "GET", "/data/secret.key", nil, 404, "", "", ""},
		{live, "GET", "/admin/", nil, 404, "", "", ""},
		{live, "GET", "/static/", nil, 404, "", "", ""},
		{live, "GET", "/static/../views.go", nil, 404, "", "", ""},
		{live, "POST", "/nope", nil, 404, "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			app, f := newApp(t, tt.view)
			a := ask(t, app, tt.method, tt.target, "", tt.headers...)
			if a.StatusCode != tt.code {
				t.Errorf("status = %d; want %d", a.StatusCode, tt.code)
			}
			calls := tt.calls
			switch tt.code {
			case 403, 404, 405, 503: // the error page has the clock of the session
				calls = strings.TrimSpace(calls + " peek")
			}
			if got := f.called(); got != calls {
				t.Errorf("calls = %q; want %q", got, calls)
			}
			want := []string(nil)
			if tt.cookie != "" {
				want = []string{tt.cookie}
			}
			if strings.HasSuffix(tt.calls, " end") && tt.view.Live() {
				want = append(want, remembered)
			}
			if got := cookies(a); !slices.Equal(got, want) {
				t.Errorf("Set-Cookie = %q; want %q", got, want)
			}
			a.Has(tt.holds)
			checkHeaders(t, a)
			checkCaching(t, a, tt.calls != "")
		})
	}
}

// checkHeaders holds what is on every response, whatever it is.
func checkHeaders(t *testing.T, a *testkit.Reply) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy":    page.Policy(assets.Place{}),
		"X-Frame-Options":            "DENY",
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := a.Header.Values(name); !slices.Equal(got, []string{want}) {
			t.Errorf("%s = %q; want %q once", name, got, want)
		}
	}
	for name := range a.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%s is sent; want no other site let in", name)
		}
	}
	if a.Text != "" {
		kind := a.Header.Get("Content-Type")
		if len(kind) < 9 || kind[len(kind)-len("; charset=utf-8"):] != "; charset=utf-8" {
			t.Errorf("Content-Type = %q; want one with charset=utf-8", kind)
		}
	}
}

// checkCaching holds that no cache keeps what a session or an error made.
func checkCaching(t *testing.T, a *testkit.Reply, session bool) {
	t.Helper()
	cache, vary := a.Header.Get("Cache-Control"), a.Header.Get("Vary")
	if (session || a.StatusCode >= 400) && cache != "no-store" {
		t.Errorf("Cache-Control = %q; want no-store", cache)
	}
	if session && vary != "Cookie" {
		t.Errorf("Vary = %q; want Cookie", vary)
	}
}

func TestRoutes_Slash(t *testing.T) {
	app, f := newApp(t, liveView("Sonam"))
	tests := []struct {
		method, target string
		code           int
		location       string
	}{
		{"GET", "/set", 301, "/set/"},
		{"GET", "/set?name=a%20b&x=1", 301, "/set/?name=a%20b&x=1"},
		{"GET", "/get", 301, "/get/"},
		{"GET", "/get?next=//evil.com/", 301, "/get/?next=//evil.com/"},
		{"HEAD", "/get", 301, "/get/"},
		{"GET", "/del?", 301, "/del/"},
		{"GET", "/session", 301, "/session/"},
		{"GET", "/session/refresh", 301, "/session/refresh/"},
		{"POST", "/set", 308, "/set/"},
		{"POST", "/session/refresh?x", 308, "/session/refresh/?x"},
		{"GET", "/session/timeout", 301, "/session/timeout/"},
		{"POST", "/session/timeout?was=live", 308, "/session/timeout/?was=live"},
		{"GET", "/Set", 404, ""},
		{"GET", "/nope", 404, ""},
		{"GET", "//evil.com", 404, ""},
		{"PUT", "/get", 405, ""},
	}
	for _, tt := range tests {
		a := ask(t, app, tt.method, tt.target, "")
		if got := a.Header.Get("Location"); a.StatusCode != tt.code || got != tt.location {
			t.Errorf("%s %s = %d %q; want %d %q", tt.method, tt.target, a.StatusCode, got, tt.code, tt.location)
		}
		checkHeaders(t, a)
	}
	if calls := f.changes(); calls != "" {
		t.Errorf("calls = %q; want none", calls)
	}
}
