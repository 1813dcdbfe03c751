package web

import (
	"regexp"
	"strings"
	"testing"

	"pagesession/internal/assets"
	"pagesession/session"
)

func TestStatic(t *testing.T) {
	app, f := newApp(t, session.View{})
	files, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	hashed := files.Names().Replace
	const forEver = "public, max-age=31536000, immutable"
	tests := []struct{ path, kind, cache, holds string }{
		{"/static/style.css", "text/css; charset=utf-8", "public, max-age=300", "prefers-color-scheme"},
		{"/static/pages.en.js", "text/javascript; charset=utf-8", "public, max-age=300", "Are you still there?"},
		{"/static/console.js", "text/javascript; charset=utf-8", "public, max-age=300", "customElements.define"},
		{"/static/favicon.svg", "image/svg+xml; charset=utf-8", "public, max-age=300", "<svg"},
		{"/favicon.ico", "image/svg+xml; charset=utf-8", "public, max-age=300", "<svg"},
		{"/robots.txt", "text/plain; charset=utf-8", "public, max-age=300", "Disallow: /del/"},
		{hashed("/static/style.css"), "text/css; charset=utf-8", forEver, "prefers-color-scheme"},
		{hashed("/static/console.js"), "text/javascript; charset=utf-8", forEver, "customElements.define"},
		{hashed("/static/favicon.svg"), "image/svg+xml; charset=utf-8", forEver, "<svg"},
	}
	for _, tt := range tests {
		a := ask(t, app, "GET", tt.path, "")
		a.Has(tt.holds)
		kind, cache := a.Header.Get("Content-Type"), a.Header.Get("Cache-Control")
		if a.StatusCode != 200 || kind != tt.kind || cache != tt.cache {
			t.Errorf("GET %s = %d, %q, %q; want 200, %q, %q", tt.path, a.StatusCode, kind, cache, tt.kind, tt.cache)
		}
		head := ask(t, app, "HEAD", tt.path, "")
		if head.StatusCode != 200 || head.ContentLength != int64(len(a.Text)) || head.Text != "" {
			t.Errorf("HEAD %s = %d, length %d; want 200, %d", tt.path, head.StatusCode, head.ContentLength, len(a.Text))
		}
		checkHeaders(t, a)
	}
	for _, path := range []string{"/static/style-000000000000.css", "/static/STYLE.css", "/static/robots.txt", "/static"} {
		if a := ask(t, app, "GET", path, ""); a.StatusCode != 404 {
			t.Errorf("GET %s = %d; want 404", path, a.StatusCode)
		}
	}
	if calls := f.changes(); calls != "" {
		t.Errorf("calls = %q; want none", calls)
	}
}

// The stylesheet is one that can be read at a sitting.
func TestStatic_Small(t *testing.T) {
	files, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(files["/static/style.css"].Body()); n >= 14_000 {
		t.Errorf("style.css has %d bytes; want less than 14000", n)
	}
}

// Whatever a page loads is there, is cached forever, and comes from here.
func TestPages_LoadWhatIsThere(t *testing.T) {
	link := regexp.MustCompile(`(href|src|action)="([^"]*)"`)
	app, _ := newApp(t, liveView("Sonam"))
	for name, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(page, -1) {
			target := strings.TrimPrefix(m[2], "#main")
			if target == "" {
				continue
			}
			if m[1] == "action" {
				if a := ask(t, app, "OPTIONS", target, ""); !strings.Contains(a.Header.Get("Allow"), "POST") {
					t.Errorf("%s posts to %q, which allows %q", name, target, a.Header.Get("Allow"))
				}
				continue
			}
			a := ask(t, app, "GET", target, "")
			if a.StatusCode != 200 {
				t.Errorf("%s loads %q = %d; want 200", name, target, a.StatusCode)
			}
			if strings.HasPrefix(target, "/static/") && !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s loads %q without a hash", name, target)
			}
		}
	}
}
