package web

import (
	"bytes"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"pagesession/session"
)

func TestSet_Names(t *testing.T) {
	tests := []struct {
		given string
		want  string // "": refused
		wrong string
	}{
		{"Sonam", "Sonam", ""},
		{"  Robin \t\n", "Robin", ""},
		{"Ana María", "Ana María", ""},
		{"མིང་", "མིང་", ""},
		{"👩‍👩‍👧", "👩‍👩‍👧", ""},
		{strings.Repeat("é", 100), strings.Repeat("é", 100), ""},
		{" " + strings.Repeat("é", 100) + " ", strings.Repeat("é", 100), ""},
		{strings.Repeat("é", 101), "", "too long"},
		{strings.Repeat("x", 2000), "", "too long"},
		{"", "", "empty"},
		{" \t ", "", "empty"},
		{"a\x00b", "", "control character"},
		{"a\nb", "", "control character"},
		{"a\x7f", "", "control character"},
		{"a\u0085b", "", "control character"},
		{"\xff\xfe", "", "not valid text"},
		{"a\xc3", "", "not valid text"},
		{"<script>alert(1)</script>", "<script>alert(1)</script>", ""},
		{`"><img src=x>`, `"><img src=x>`, ""},
		{"http://evil.example/", "http://evil.example/", ""},
		{"{{.Name}}", "{{.Name}}", ""},
		{"%s%d%00", "%s%d%00", ""},
	}
	for _, tt := range tests {
		query := "name=" + url.QueryEscape(tt.given)
		for how, send := range map[string]struct{ method, target, body string }{
			"query": {"GET", "/set/?" + query, ""},
			"form":  {"POST", "/set/", query},
			"both":  {"POST", "/set/?name=query", query},
		} {
			app, f := newApp(t, session.View{})
			a := ask(t, app, send.method, send.target, send.body)
			if tt.want == "" {
				a.Has(tt.wrong, `action="/set/"`)
				if calls := f.called(); a.StatusCode != 400 || calls != "peek" {
					t.Errorf("%s %q = %d, calls %q; want 400 and no more than a look", how, tt.given, a.StatusCode, calls)
				}
				continue
			}
			if a.StatusCode != 200 || len(f.names) != 1 || f.names[0] != tt.want {
				t.Errorf("%s %q = %d, names %q; want 200, %q", how, tt.given, a.StatusCode, f.names, tt.want)
			}
			a.Lacks("<script>alert", "<img src=x")
		}
	}
}

func TestSet_NameAbsent(t *testing.T) {
	for _, send := range []struct{ method, target, body string }{
		{"GET", "/set/", ""}, {"GET", "/set/?other=x", ""}, {"POST", "/set/", "other=x"}, {"POST", "/set/", ""},
	} {
		app, f := newApp(t, session.View{})
		ask(t, app, send.method, send.target, send.body)
		if len(f.names) != 1 || f.names[0] != "Sonam" {
			t.Errorf("%v: names = %q; want Sonam", send, f.names)
		}
	}
}

// A URL in a query makes fasthttp look for a host in it.
func TestSet_NameUnescapedURL(t *testing.T) {
	app, f := newApp(t, session.View{})
	a := ask(t, app, "GET", "/set/?name=http://evil.example/", "")
	if a.StatusCode != 200 || len(f.names) != 1 || f.names[0] != "http://evil.example/" {
		t.Errorf("= %d, names %q; want 200 and the URL as a name", a.StatusCode, f.names)
	}
}

func TestSet_Multipart(t *testing.T) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("name", "Robin"); err != nil {
		t.Fatal(err)
	}
	form.Close()
	app, f := newApp(t, session.View{})
	a := ask(t, app, "POST", "/set/", body.String(), "Content-Type: "+form.FormDataContentType())
	if a.StatusCode != 200 || len(f.names) != 1 || f.names[0] != "Robin" {
		t.Errorf("multipart = %d, names %q; want 200, Robin", a.StatusCode, f.names)
	}

	app, f = newApp(t, session.View{})
	a = ask(t, app, "POST", "/set/", "torn", "Content-Type: "+form.FormDataContentType())
	if a.StatusCode != 400 || len(f.names) != 0 {
		t.Errorf("torn multipart = %d, names %q; want 400 and none", a.StatusCode, f.names)
	}
	a.Has("The form could not be read.")
}

// A body that is no form is refused or ignored, and never the server's error.
func TestSet_BrokenForms(t *testing.T) {
	for _, tt := range []struct{ kind, body string }{
		{"multipart/form-data; boundary=b", "--b\r\nContent-Dispo"},
		{"multipart/form-data", "--b--"},
		{"multipart/form-data; boundary=" + strings.Repeat("b", 300), "x"},
		{"application/x-www-form-urlencoded", "%%%&=&name"},
		{"application/json", `{"name":`},
		{"", "\x00\x01\x02"},
	} {
		app, _ := newApp(t, session.View{})
		if a := ask(t, app, "POST", "/set/", tt.body, "Content-Type: "+tt.kind); a.StatusCode != 200 && a.StatusCode != 400 {
			t.Errorf("POST /set/ with %q as %q = %d; want 200 or 400", tt.body, tt.kind, a.StatusCode)
		}
	}
}

// A name outlives its request, whose buffer the next one writes into.
func TestSet_NameIsCopied(t *testing.T) {
	app, f := newApp(t, session.View{})
	ask(t, app, "GET", "/set/?name=first", "")
	for range 50 {
		ask(t, app, "GET", "/set/?name=OTHER", "")
	}
	if f.names[0] != "first" {
		t.Errorf("first name = %q after other requests; want first", f.names[0])
	}
}

func FuzzWrongName(f *testing.F) {
	for _, s := range []string{"", "Sonam", "a\x00", "\xff", strings.Repeat("é", 101)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if wrongName(name) == "" && (name == "" || len(name) > 4*maxName || strings.ContainsAny(name, "\x00\r\n\x7f")) {
			t.Errorf("wrongName(%q) = nothing", name)
		}
		if again := shownAgain(name); len(again) > 4*maxName {
			t.Errorf("shownAgain(%d bytes) = %d bytes", len(name), len(again))
		}
	})
}
