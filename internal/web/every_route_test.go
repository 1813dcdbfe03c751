package web

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/assets"
	"pagesession/internal/page"
	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/storage/record"
)

// The tests of this file take their paths from the route table: a new page is in
// them by itself.

// everyRoute calls f with each row of the table, with each view of a session.
func everyRoute(t *testing.T, f func(r route, view session.View)) {
	t.Helper()
	for _, r := range new(site).table() {
		for _, view := range []session.View{liveView("Sonam"), endedView(record.Idle), {}} {
			f(r, view)
		}
	}
}

func TestEveryRoute_Methods(t *testing.T) {
	all := new(site).table()
	files, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	for path := range files {
		all = append(all, route{path, methods{Get: page.AddSlash}})
	}
	app, f := newApp(t, liveView("Sonam"))
	for _, r := range all {
		for _, method := range fiber.DefaultMethods {
			if r.For(method) != nil {
				continue
			}
			want, a := 405, ask(t, app, method, r.path, "")
			if method == "OPTIONS" {
				want = 204
			}
			if cache := a.Header.Get("Cache-Control"); isProbe(r.path) && cache != "no-store" {
				t.Errorf("%s %s: Cache-Control = %q; want no-store", method, r.path, cache)
			}
			if got := a.Header.Get("Allow"); a.StatusCode != want || got != r.Allow("OPTIONS") {
				t.Errorf("%s %s = %d, Allow %q; want %d, %q", method, r.path, a.StatusCode, got, want, r.Allow("OPTIONS"))
			}
			checkHeaders(t, a)
		}
	}
	if calls := f.changes(); calls != "" {
		t.Errorf("calls = %q; want none", calls)
	}
}

// A path that ends with a slash is found without it, for the same methods.
func TestEveryRoute_Slash(t *testing.T) {
	app, f := newApp(t, liveView("Sonam"))
	for _, r := range new(site).table() {
		path := strings.TrimSuffix(r.path, "/")
		if path == r.path || path == "" {
			continue
		}
		for method, code := range map[string]int{"GET": 301, "HEAD": 301, "POST": 308} {
			if method == "POST" && r.Post == nil {
				code = 405
			}
			a := ask(t, app, method, path+"?x=//evil.example/", "")
			if to := a.Header.Get("Location"); a.StatusCode != code || code != 405 && to != r.path+"?x=//evil.example/" {
				t.Errorf("%s %s = %d to %q; want %d to %s", method, path, a.StatusCode, to, code, r.path)
			}
			checkHeaders(t, a)
		}
	}
	if calls := f.changes(); calls != "" {
		t.Errorf("calls = %q; want none", calls)
	}
}

// HEAD answers as GET does, without a body and without a change.
func TestEveryRoute_HeadIsGetWithoutBody(t *testing.T) {
	everyRoute(t, func(r route, view session.View) {
		if r.Get == nil || r.path == "/set/" && !view.Live() {
			return // what GET would have made, HEAD does not have
		}
		app, f := newApp(t, view)
		get := ask(t, app, "GET", r.path, "")
		f.called()
		head := ask(t, app, "HEAD", r.path, "")
		if length := lengthOf(t, get); head.Text != "" || head.StatusCode != get.StatusCode || head.ContentLength != length || f.changes() != "" {
			t.Errorf("HEAD %s = %d, length %d, body %q; want %d, %d, none, and no change", r.path, head.StatusCode, head.ContentLength, head.Text, get.StatusCode, length)
		}
		get.Header.Del("Set-Cookie")
		for name := range get.Header {
			if g, h := get.Header.Get(name), head.Header.Get(name); g != h && name != "Date" {
				t.Errorf("HEAD %s: %s = %q; want %q as GET", r.path, name, h, g)
			}
		}
	})
}

// lengthOf returns the length of an answer; -1 for one that has no body.
func lengthOf(t *testing.T, a *testkit.Reply) int64 {
	t.Helper()
	if a.StatusCode == 204 {
		return -1
	}
	rest, err := io.ReadAll(a.Body) // of events, which the client leaves to the test
	if err != nil {
		t.Error(err)
	}
	return int64(len(a.Text) + len(rest))
}

// Nothing happens for another host, another site or a prefetch.
func TestEveryRoute_KeepsOthersOut(t *testing.T) {
	everyRoute(t, func(r route, view session.View) {
		app, f := newApp(t, view)
		for _, method := range []string{"GET", "POST", "PUT"} {
			host := ask(t, app, method, r.path, "", "Host: evil.example")
			site := ask(t, app, method, r.path, "", "Sec-Fetch-Site: cross-site")
			crossOrigin := ask(t, app, method, r.path, "", "Origin: https://evil.example")
			if host.StatusCode != 400 && !isProbe(r.path) {
				t.Errorf("%s %s for another host = %d; want 400", method, r.path, host.StatusCode)
			}
			if method != "GET" && (site.StatusCode != 403 || crossOrigin.StatusCode != 403) {
				t.Errorf("%s %s from another site = %d, %d; want 403", method, r.path, site.StatusCode, crossOrigin.StatusCode)
			}
			for _, a := range []*testkit.Reply{host, site, crossOrigin} {
				checkHeaders(t, a)
			}
			f.called() // a GET from another site may look
			ask(t, app, method, r.path, "", "Sec-Purpose: prefetch")
			if calls := f.changes(); calls != "" {
				t.Errorf("a prefetch of %s %s calls %q", method, r.path, calls)
			}
		}
	})
}

// A browser that another site may have sent here changes nothing with a GET, unless it is
// to extend the session.
func TestEveryRoute_GetNeedsProof(t *testing.T) {
	everyRoute(t, func(r route, view session.View) {
		app, f := newApp(t, view)
		for _, lines := range [][]string{{}, {"Referer: http://evil.example/"}, {"Referer: https://evil.example/localhost"}, {"Origin: http://evil.example"}, {"Origin: null"}, {"Sec-Fetch-Site: same-site"}} {
			for _, path := range []string{r.path, r.path + "?name=Robin&timeout=60&back=/"} {
				a := ask(t, app, "GET", path, "", append(lines, "User-Agent: Mozilla/5.0", "Accept: text/html")...)
				if calls := strings.ReplaceAll(f.called(), "refresh", "peek"); strings.Trim(calls, "pek ") != "" {
					t.Errorf("GET %s with %q calls %s", path, lines, calls)
				}
				checkHeaders(t, a)
			}
		}
	})
}

// Pages escape what a session holds and hide what fails inside.
func TestEveryRoute_LeaksNothing(t *testing.T) {
	const evil = `"><script>alert(1)</script><b onclick='x'>&{{.}}`
	everyRoute(t, func(r route, view session.View) {
		for _, failure := range []error{nil, errors.New("secret: /var/lib/x id=abc")} {
			if view.Live() {
				view = liveView(evil)
			}
			app, f := newApp(t, view)
			f.err = failure
			for _, method := range []string{"GET", "POST"} {
				a := ask(t, app, method, r.path, "")
				if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
					a.Lacks("<script>alert", "<b onclick", `""><`)
				}
				a.Lacks("secret", "/var/lib")
				if a.StatusCode >= 500 && cookies(a) != nil {
					t.Errorf("%s %s = %d sets %q", method, r.path, a.StatusCode, cookies(a))
				}
				checkHeaders(t, a)
				checkCaching(t, a, strings.HasSuffix(r.path, "/") && slices.Contains([]int{200, 401, 409}, a.StatusCode))
			}
		}
	})
}
