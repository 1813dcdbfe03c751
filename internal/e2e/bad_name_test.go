package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestBadName_Refused(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	for name, says := range map[string]string{
		"":                        "empty",
		"   ":                     "empty",
		"\t":                      "empty",
		strings.Repeat("x", 101):  "too long",
		strings.Repeat("é", 101):  "too long",
		strings.Repeat("x", 5000): "too long",
		"a\nb":                    "control",
		"a\x00b":                  "control",
		"a\u0085b":                "control",
		"a\x7fb":                  "control",
		"\xff\xfe":                "UTF-8",
		"a\xc3":                   "UTF-8",
	} {
		before := s.look(id)
		query := "/set/?name=" + url.QueryEscape(name)
		for what, r := range map[string]*reply{
			"GET":                 s.get(query, cookie(id)),
			"POST":                s.post("/set/", form("name", name), cookie(id)),
			"POST, in the query":  s.post(query, cookie(id)),
			"GET without session": s.get(query),
			"POST, multipart":     s.post("/set/", multipart(name), cookie(id)),
			"GET, from elsewhere": s.get(query, cookie(id), header("Sec-Fetch-Site", "cross-site")),
			"HEAD":                s.do("HEAD", query, cookie(id)),
		} {
			r.silent(t, what)
			if what == "HEAD" {
				continue
			}
			r.page(t, http.StatusBadRequest, "That name cannot be used", `action="/set/"`, `name="name"`, says)
			if r.StatusCode != 400 {
				t.Errorf("%s with the name %.20q = %d; want 400", what, name, r.StatusCode)
			}
		}
		sameSession(t, "a bad name", before, s.look(id))
	}
}

// multipart is a form as a page could send it that had a file in it.
func multipart(name string) option {
	return body("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n"+name+"\r\n--b--\r\n")
}

// Any other text of 1 to 100 characters is a name, and is shown as what it is.
func TestBadName_Accepted(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, shown := range map[string]string{
		"x":                               "x",
		strings.Repeat("x", 100):          strings.Repeat("x", 100),
		strings.Repeat("é", 100):          strings.Repeat("é", 100),
		strings.Repeat("\U0001F600", 100): strings.Repeat("\U0001F600", 100),
		"<script>alert(1)</script>":       "&lt;script&gt;alert(1)&lt;/script&gt;",
		`"><img src=x onerror=y>`:         "&#34;&gt;&lt;img src=x onerror=y&gt;",
		"a&b'c":                           "a&amp;b&#39;c",
		"བསོད་ནམས":                        "བསོད་ནམས",
		"{{.Name}}":                       "{{.Name}}",
		"%s%d%00":                         "%s%d%00",
		"  Pema  ":                        "Pema",
	} {
		for what, r := range map[string]*reply{
			"GET":             s.get("/set/?name=" + url.QueryEscape(name)),
			"POST":            s.post("/set/", form("name", name)),
			"POST, multipart": s.post("/set/", multipart(name)),
		} {
			r.page(t, http.StatusOK, setTitle, "<bdi>"+shown+"</bdi>")
			r.live(t, what, 20)
			id := sentID(r)
			s.get("/get/", cookie(id)).page(t, http.StatusOK, getTitle, "<bdi>"+shown+"</bdi>")
			if got, want := s.look(id).Name, strings.TrimSpace(name); got != want {
				t.Errorf("%s: name %q; want %q", what, got, want)
			}
		}
	}
}

// A body that is no form is refused or ignored, and never an error of ours.
func TestBadName_BrokenForms(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, c := range []struct{ kind, content string }{
		{"multipart/form-data; boundary=b", "--b\r\nContent-Dispo"},
		{"multipart/form-data; boundary=b", ""},
		{"multipart/form-data", "--b--"},
		{"multipart/form-data; boundary=" + strings.Repeat("b", 300), "x"},
		{"application/x-www-form-urlencoded", "%%%&=&name"},
		{"application/json", `{"name":`},
		{"", "\x00\x01\x02"},
	} {
		r := s.post("/set/", body(c.kind, c.content))
		if r.StatusCode != 200 && r.StatusCode != 400 {
			t.Errorf("POST /set/ with %q as %q = %d; want 200 or 400", c.content, c.kind, r.StatusCode)
		}
		if r.StatusCode == 400 {
			r.silent(t, c.kind)
		}
	}
}
