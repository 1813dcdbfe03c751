package assets_test

import (
	"strings"
	"testing"

	"pagesession/internal/assets"
)

func TestParsePlace(t *testing.T) {
	for s, source := range map[string]string{
		"": "", "/": "", "/files/": "", "https://cdn.example.com/": "https://cdn.example.com/", "https://cdn.example.com/a/b/": "https://cdn.example.com/a/b/",
		"https://cdn.example.com:8443/": "https://cdn.example.com:8443/", "https://[2001:db8::1]/": "https://[2001:db8::1]/",
		"http://localhost:8080/x/": "http://localhost:8080/x/", "http://127.0.0.1:1/": "http://127.0.0.1:1/", "http://[::1]:1/": "http://[::1]:1/",
	} {
		if p, err := assets.ParsePlace(s); err != nil || p.String() != s || p.Source() != source {
			t.Errorf("ParsePlace(%q) = %q, source %q, %v; want it back, source %q", s, p, p.Source(), err, source)
		}
	}
	for s, want := range map[string]string{
		"cdn.example.com/": "is not a URL or a path", "//cdn.example.com/": "is not a URL or a path", "https:///x/": "is not a URL or a path",
		"mailto:a@b.example": "is not a URL or a path", "javascript:alert(1)//": "is not a URL or a path", "https://a b/": "is not a URL or a path",
		"https://me:secret@cdn.example.com/": "has a user", "https://me@cdn.example.com/": "has a user",
		"https://cdn.example.com/?x=1": "has a query", "https://cdn.example.com/?": "has a query", "https://cdn.example.com/#x": "has a query", "/?/": "has a query",
		"https://cdn.example.com": "does not end with a slash", "https://cdn.example.com/x": "does not end with a slash", "/x": "does not end with a slash",
		"/a b/": "has a path", "/a/../b/": "has a path", "/./": "has a path", "/a//": "has a path", "https://cdn.example.com/a;b/": "has a path", "/%41/": "has a path", "/a'/": "has a path",
		"http://cdn.example.com/": "is not https", "ftp://cdn.example.com/": "is not https", "http://10.0.0.1/": "is not https",
		"https://cdn.example.com:/": "has an invalid host", "https://cdn_x*.example.com/": "has an invalid host", "https://[fe80::1%25eth0]/": "has an invalid host",
		"https://;script-src/": "has an invalid host", "https://" + strings.Repeat("a", 200) + "/": "has 209 characters",
	} {
		if p, err := assets.ParsePlace(s); err == nil || !strings.HasPrefix(err.Error(), want) || p != (assets.Place{}) {
			t.Errorf("ParsePlace(%q) = %q, %v; want %s …", s, p, err, want)
		}
	}
}

// Attributes that load files get their address at the place. Scripts that take the server's
// address from their own stay.
func TestFiles_Link(t *testing.T) {
	files, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	name := func(plain string) string { return strings.TrimPrefix(files.Lasting(plain), "/static/") }
	const source = `<link href="{{url "/static/style.css"}}"><link rel="icon" href="{{url "/static/favicon.svg"}}"><script src="{{url "/static/console.js"}}"><a href="{{url "/get/"}}"><script src="{{url "/static/missing.js"}}">`
	const rest = `<script src="{{url "/static/console.js"}}"><a href="{{url "/get/"}}"><script src="{{url "/static/missing.js"}}">`
	if got := files.Link(source, assets.Place{}); got != source {
		t.Errorf("Link to this server = %s; want no change", got)
	}
	for at, crossOrigin := range map[string]string{"https://cdn.example.com/x/": ` crossorigin="anonymous"`, "/files/": ""} {
		p, err := assets.ParsePlace(at)
		if err != nil {
			t.Fatal(err)
		}
		got := files.Link(source, p)
		want := `<link href="` + at + name("/static/style.css") + `" integrity="sha384-`
		if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, crossOrigin+`><link rel="icon" href="`+at+name("/static/favicon.svg")+`">`+rest) {
			t.Errorf("Link to %s = %s; want %s…", at, got, want)
		}
		if has := strings.Contains(got, "crossorigin"); has != (crossOrigin != "") {
			t.Errorf("Link to %s has crossorigin: %v", at, has)
		}
	}
}
