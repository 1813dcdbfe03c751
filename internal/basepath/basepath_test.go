package basepath

import (
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, s := range []string{"/", "/pages/", "/a/b/c/", "/A-z.0_~/", "/.well-known/", "/.../", "/" + strings.Repeat("x", longest-2) + "/"} {
		p, err := Parse(s)
		if err != nil || p.String() != s || p.IsRoot() != (s == "/") {
			t.Errorf("Parse(%q) = %q, root %v, %v; want it back", s, p, p.IsRoot(), err)
		}
	}
	for _, s := range []string{"", "pages", "pages/", "/pages", "//", "/pages//", "//evil.example/", "/./", "/../", "/a/../b/", "/a b/", "/a%20/",
		"/ä/", "/a?b/", "/a#b/", "/a;b/", "/a:b/", "/\\/", "/a\n/", "/a/\n", "http://host/", "/" + strings.Repeat("x", longest-1) + "/"} {
		if p, err := Parse(s); err == nil || !p.IsRoot() || !strings.Contains(err.Error(), "use ") {
			t.Errorf("Parse(%q) = %q, %v; want an error that says what to use", s, p, err)
		}
	}
}

func TestAllowed(t *testing.T) {
	if !strings.Contains(Allowed, fmt.Sprintf("at most %d characters", longest)) {
		t.Errorf("Allowed = %q; want the number of characters, %d", Allowed, longest)
	}
}

func TestPath_URL(t *testing.T) {
	pages, err := Parse("/pages/")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{"/": "/pages/", "/get/?was=live": "/pages/get/?was=live", "": "", "?p=2": "?p=2", "//x": "/pages//x"} {
		if got := pages.URL(address); got != want {
			t.Errorf("URL(%q) = %q; want %q", address, got, want)
		}
		if got := (Path{}).URL(address); got != address {
			t.Errorf("URL(%q) without a base path = %q", address, got)
		}
	}
}
