package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

// A consolePage is an address of the console for operators only.
type consolePage struct {
	path     string
	endpoint bool // scripts request it
}

// row matches a line of the console's route table that has GET.
var row = regexp.MustCompile(`\{path: "(/admin/[^"]*)", (?:(public: true|access: .*), )?do: methods\{Get: .*\}(?:, bare: true)?(, still: true)?\},$`)

// consolePages returns the pages of the console's route table, so new pages are
// included. Users and groups in them have the id 1, a session has this handle.
func consolePages(t *testing.T, handle string) (pages []consolePage) {
	t.Helper()
	table, err := os.ReadFile(filepath.Join(root, "internal/console/routes.go"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(table), "\n") {
		if !strings.Contains(line, "{path: ") || !strings.Contains(line, "Get: ") {
			continue
		}
		found := row.FindStringSubmatch(line)
		if found == nil {
			t.Fatalf("this row of the route table is not understood: %s", line)
		}
		if found[2] != "public: true" {
			pages = append(pages, consolePage{strings.NewReplacer(":id", "1", ":handle", handle).Replace(found[1]), found[3] != ""})
		}
	}
	if len(pages) < 20 {
		t.Fatalf("%d pages in the route table; want all of them", len(pages))
	}
	return pages
}

// disguises are spellings of an address that some servers and some guards take for
// different addresses.
var disguises = []func(string) string{
	func(p string) string { return p },
	func(p string) string { return "/" + p },
	func(p string) string { return "//" + p },
	func(p string) string { return "/." + p },
	func(p string) string { return "/x/.." + p },
	func(p string) string { return strings.Replace(p, "/admin", "/%61dmin", 1) },
	func(p string) string { return strings.Replace(p, "/admin", "/admin%2f", 1) },
	func(p string) string { return strings.Replace(p, "/admin/", "/admin%2F", 1) },
	func(p string) string { return strings.Replace(p, "/admin", "/ADMIN", 1) },
	func(p string) string { return strings.Replace(p, "/admin", "/Admin", 1) },
	func(p string) string { return strings.Replace(p, "/admin/", "/admin//", 1) },
	func(p string) string { return strings.Replace(p, "/admin/", "/admin/./", 1) },
	func(p string) string { return strings.Replace(p, "/admin/", "/admin/login/../", 1) },
	func(p string) string { return strings.Replace(p, "/admin/", "/admin/login/%2e%2e/", 1) },
	func(p string) string { return strings.Replace(p, "/admin/", "/admin/x/%2e%2e/", 1) },
	func(p string) string { return strings.Replace(p, "/admin/", `/admin\`, 1) },
	func(p string) string { return strings.Replace(p, "/admin/", "/admin;/", 1) },
	func(p string) string { return strings.Replace(p, "/admin/", "/admin%00/", 1) },
	func(p string) string { return "/static/.." + p },
	func(p string) string { return "/get/.." + p },
	func(p string) string { return p + "?next=/admin/login/" },
	func(p string) string { return "http://localhost" + p },
}

// A page of the console is shown only after the sign-in, with any spelling of its
// address and any method.
func TestConsolePaths_NeverWithoutLogin(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, page := range consolePages(t, record.KeyOf(s.set()).Handle().String()) {
		for _, disguise := range disguises {
			path := disguise(page.path)
			for _, method := range []string{"GET", "HEAD", "POST", "TRACE", "OPTIONS", "PUT", "BREW"} {
				r := s.raw(t, method+" "+path+" HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nX-Original-URL: /admin/login/\r\nX-Forwarded-For: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
				s.seesNothing(r, method+" "+path)
			}
		}
	}
}

// seesNothing fails the test unless the answer is one for a visitor before the
// sign-in.
func (s *server) seesNothing(r *reply, what string) {
	s.t.Helper()
	switch r.StatusCode {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNoContent, http.StatusNotImplemented:
	case http.StatusSeeOther:
		if to := r.Header.Get("Location"); to != "/admin/login/" && !strings.HasPrefix(to, "/admin/login/?next=%2Fadmin") {
			s.t.Errorf("%s leads to %s; want the login page", what, to)
		}
	default:
		s.t.Errorf("%s = %d; want a refusal or the login page", what, r.StatusCode)
	}
	for _, private := range []string{"<h1>Dashboard", "Audit log", "<h1>Users", "Add user", "<table", "text/event-stream"} {
		if strings.Contains(r.Text, private) || strings.Contains(r.Header.Get("Content-Type"), private) {
			s.t.Errorf("%s shows %q", what, private)
		}
	}
	if len(r.Header["Set-Cookie"]) > 0 {
		s.t.Errorf("%s sets a cookie", what)
	}
}

// An operator gets each page under its own address only.
func TestConsolePaths_OneNameEach(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.operator()
	s.post("/admin/groups/add/", testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Header("Cookie", "adminid="+id), testkit.Form("name", "editors"))
	for _, page := range consolePages(t, record.KeyOf(s.set()).Handle().String()) {
		if page.path == "/admin/stream/" || strings.Contains(page.path, "/passkeys/1/") { // it is endless; the operator has no passkey
			continue
		}
		for i, disguise := range disguises[:len(disguises)-2] {
			path := disguise(page.path)
			r := s.raw(t, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nCookie: adminid="+id+"\r\nConnection: close\r\n\r\n")
			if i == 0 && r.StatusCode != http.StatusOK {
				t.Errorf("GET %s = %d; want 200", path, r.StatusCode)
			}
			r.guarded(t, "GET "+path)
			if i > 0 && r.StatusCode == http.StatusOK {
				t.Errorf("GET %s = 200; want nothing under this name", path)
			}
		}
	}
}

// operator creates the first operator by the printed link, and returns the id of their
// session.
func (s *server) operator() string {
	s.t.Helper()
	_, key, _ := strings.Cut(s.firstRunLink(), "key=")
	r := s.post("/admin/first-run/", testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Cookie("firstrun", "1"), testkit.Form("key", key, "username", "ada", "new1", consolePassword, "new2", consolePassword))
	for _, c := range r.Cookies() {
		if c.Name == "adminid" {
			if c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/admin/" {
				s.t.Errorf("the console's cookie is %v; want it HttpOnly, Lax and for /admin/, and not Secure on this machine", c.Raw[len(c.Name)+1+len(c.Value):])
			}
			return c.Value
		}
	}
	s.t.Fatalf("POST /admin/first-run/ = %d, without a session\n%s", r.StatusCode, r.Text)
	return ""
}

// The body of a form is bounded. Its fields count in the body only.
func TestConsole_BodyLimit(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.operator()
	own := []testkit.Option{testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Header("Cookie", "adminid="+id)}
	r := s.post("/admin/users/add/", append(own, testkit.Form("username", strings.Repeat("a", 10_000), "new1", "x", "new2", "x"))...)
	if r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(r.Text, "at most 150") {
		t.Errorf("a username of 10,000 characters = %d; want 422 that says how long it may be", r.StatusCode)
	}
	if r := s.post("/admin/users/add/", append(own, testkit.Form("username", strings.Repeat("a", 33<<10)))...); r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of 33 KiB = %d; want 413", r.StatusCode)
	}
	handles := make([]string, 0, 1000)
	for i := range 500 {
		handles = append(handles, "handle", fmt.Sprintf("%032x", i))
	}
	if r := s.post("/admin/sessions/end/", append(own, testkit.Form(handles...))...); r.StatusCode != http.StatusSeeOther {
		t.Errorf("a form of 500 sessions = %d; want 303", r.StatusCode)
	}
	if r := s.get("/admin/users/?q="+strings.Repeat("a", 10_000), own...); r.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a search of 10,000 characters = %d; want 431", r.StatusCode)
	}
}
