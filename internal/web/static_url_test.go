package web

import (
	"regexp"
	"strings"
	"testing"

	"pagesession/internal/assets"
)

func place(t *testing.T, s string) assets.Place {
	t.Helper()
	p, err := assets.ParsePlace(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Pages name the stylesheet and the icon at the place, and the policy allows that place and no
// more. The script with the clock stays on this server.
func TestStaticURL(t *testing.T) {
	loads := regexp.MustCompile(`<(?:link|script)[^>]*(?:href|src)="([^"]*)"`)
	for at, allowed := range map[string]string{"https://cdn.example.com/ps/": " https://cdn.example.com/ps/", "/files/": "", "": ""} {
		app, _ := newApp(t, liveView("Sonam"), func(cfg *Config) { cfg.StaticURL = place(t, at) })
		want := "default-src 'none'; script-src 'self'" + allowed + "; style-src 'self'" + allowed + "; img-src 'self'" + allowed +
			"; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
		from := at
		if from == "" {
			from = "/static/"
		}
		for _, path := range []string{"/", "/get/", "/nothing/", "/static/style.css"} {
			a := ask(t, app, "GET", path, "")
			if got := a.Header.Get("Content-Security-Policy"); got != want {
				t.Errorf("with %q GET %s has the policy %q; want %q", at, path, got, want)
			}
			if strings.HasPrefix(path, "/static/") {
				continue
			}
			for _, m := range loads.FindAllStringSubmatch(a.Text, -1) {
				place := from
				if strings.Contains(m[1], "/pages.") {
					place = "/static/pages.en-"
				}
				if !strings.HasPrefix(m[1], place) {
					t.Errorf("with %q GET %s loads %s; want it from %s", at, path, m[1], place)
				}
				if digest := strings.Contains(m[0], ".css") && at != ""; digest != strings.Contains(a.Text, `integrity="sha384-`) && strings.Contains(m[0], ".css") {
					t.Errorf("with %q GET %s: %s; want a digest: %v", at, path, m[0], digest)
				}
			}
		}
	}
}
