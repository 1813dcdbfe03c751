package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

const (
	secureName = "__Host-sessionid"
	djangos    = "k3vd2q0a9p7z1xw8c6bn5m4lj2hgf0ds" // a sessionid of Django's
)

var overHTTPS = testkit.Header("X-Forwarded-Proto", "https")

// plain starts a session over plain http and returns its id.
func (s *server) plain() string {
	s.t.Helper()
	return issuedBy(s.t, s.get("/set/?name=Pema"), "sessionid")
}

// issuedBy returns the id that an answer sends under a name.
func issuedBy(t *testing.T, r *reply, name string) string {
	t.Helper()
	id, ok := strings.CutPrefix(strings.Join(r.Header["Set-Cookie"], "\n"), name+"=")
	if id, _, _ = strings.Cut(id, ";"); !ok || len(id) != 26 {
		t.Fatalf("Set-Cookie = %q; want one %s", r.Header["Set-Cookie"], name)
	}
	return id
}

// Through a trusted proxy with https, visitors' and operators' cookies have the names of
// https. A visitor's session from before goes on under the new name.
func TestCookies_HTTPSThroughProxy(t *testing.T) {
	t.Parallel()
	s := start(t, "--trusted-proxies", "127.0.0.1")
	id := s.plain()
	for _, r := range []*reply{
		s.get("/get/", overHTTPS, cookie(id)),
		s.get("/get/", overHTTPS, cookie(djangos), cookie(id)),
		s.get("/get/", overHTTPS, cookie(djangos), testkit.Cookie(secureName, id)),
	} {
		r.page(t, 200, getTitle)
		if got := r.Header.Get("Set-Cookie"); issuedBy(t, r, secureName) != id || !strings.HasSuffix(got, "; Path=/; SameSite=Lax; Secure") {
			t.Errorf("Set-Cookie = %q; want %s of the same session, Secure, Path=/", got, secureName)
		}
	}
	s.get("/get/", testkit.Cookie(secureName, id)).page(t, 200, noneTitle) // over plain http
	s.get("/get/", overHTTPS, cookie(id), testkit.Cookie(secureName, "AAAAAAAAAAAAAAAAAAAAAAAAAA")).page(t, 200, unknownTitle)

	r := s.post("/del/", overHTTPS, testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Cookie(secureName, id), testkit.Form("back", "/"))
	if got := strings.Join(r.Header["Set-Cookie"], "\n"); !strings.HasPrefix(got, secureName+`="";`) || !strings.Contains(got, "\n__Host-messages=") {
		t.Errorf("POST /del/ sends %q; want the session's removal, and a notice", got)
	}
	r = s.post("/admin/theme/", overHTTPS, testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Form("theme", "dark"))
	if got := r.Header.Get("Set-Cookie"); !strings.HasPrefix(got, "__Secure-theme=dark;") || !strings.Contains(got, "; Path=/admin/; ") || !strings.HasSuffix(got, "; Secure") {
		t.Errorf("POST /admin/theme/ sends %q; want __Secure-theme with the path /admin/", got)
	}
}

// Operators sign in again after the change to https, under a name of https.
func TestCookies_ConsoleOverHTTPS(t *testing.T) {
	t.Parallel()
	s := start(t, "--trusted-proxies", "127.0.0.1")
	id := s.operator()
	own := testkit.Header("Sec-Fetch-Site", "same-origin")
	if r := s.get("/admin/", overHTTPS, own, testkit.Cookie("adminid", id)); r.StatusCode != http.StatusSeeOther || r.Header["Set-Cookie"] != nil {
		t.Errorf("the cookie of plain http over https = %d, Set-Cookie %q; want the sign-in, and the cookie left alone", r.StatusCode, r.Header["Set-Cookie"])
	}
	r := s.post("/admin/login/", overHTTPS, own, testkit.Form("username", "ada", "password", consolePassword))
	now := issuedBy(t, r, "__Secure-adminid")
	if got := r.Header.Get("Set-Cookie"); !strings.Contains(got, "; Path=/admin/; ") || !strings.HasSuffix(got, "; Secure") {
		t.Errorf("Set-Cookie = %q; want it for /admin/, Secure", got)
	}
	for _, beside := range []string{"", "adminid=" + djangos + "; ", "adminmessages=x; theme=y; adminid=" + id + "; "} {
		r := s.get("/admin/", overHTTPS, own, testkit.Header("Cookie", beside+"__Secure-adminid="+now))
		if r.StatusCode != 200 || issuedBy(t, r, "__Secure-adminid") != now {
			t.Errorf("GET /admin/ beside %q = %d; want the dashboard", beside, r.StatusCode)
		}
	}
}

// A cookie of the old name counts until the absolute timeout has passed since the first
// start with https, whatever starts come later.
func TestCookies_OldNameUntil(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	args := []string{"--trusted-proxies", "127.0.0.1", "--idle-timeout", "1h", "--absolute-timeout", "2h"}
	s := startIn(t, dir, args[2:]...) // without https
	s.get("/get/", cookie(s.plain())).page(t, 200, getTitle)
	s.stop()
	file := filepath.Join(dir, "https-since")
	if _, err := os.Stat(file); err == nil {
		t.Error("a start without https has written https-since")
	}
	s = startIn(t, dir, args...)
	id := s.plain()
	s.get("/get/", overHTTPS, cookie(id)).page(t, 200, getTitle)
	s.stop()
	first, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s = startIn(t, dir, args...)
	s.get("/get/", overHTTPS, cookie(id)).page(t, 200, getTitle)
	s.stop()
	if again, _ := os.ReadFile(file); string(again) != string(first) {
		t.Errorf("https-since is %q after another start; want %q", again, first)
	}

	put(t, file, []byte(time.Now().Add(-2*time.Hour).UTC().Format(time.RFC3339)))
	s = startIn(t, dir, args...)
	r := s.get("/get/", overHTTPS, cookie(id))
	r.page(t, 200, noneTitle)
	r.silent(t, "an old name that counts no more")
	s.get("/get/", overHTTPS, testkit.Cookie(secureName, id)).page(t, 200, getTitle)
	s.get("/get/", cookie(id)).page(t, 200, getTitle)
}

// Django's cookies on the same host stay, whatever is asked, and ours count beside them.
func TestCookies_BesideDjango(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.plain()
	for _, order := range []string{"sessionid=" + djangos + "; sessionid=", "messages=.eJx:1r:A; sessionid="} {
		for _, cookies := range []string{order + id, "sessionid=" + id + "; " + strings.TrimSuffix(order, "; sessionid=")} {
			both := testkit.Header("Cookie", cookies)
			for _, path := range []string{"/get/", "/set/?name=Pema"} {
				r := s.get(path, both)
				r.live(t, path+" with "+cookies, 20)
				if issuedBy(t, r, "sessionid") != id {
					t.Errorf("GET %s with %q started another session", path, cookies)
				}
			}
			s.get("/admin/login/", both).silent(t, "/admin/login/ with "+cookies)
			s.get("/", both).silent(t, "/ with "+cookies)
		}
	}
	for _, path := range []string{"/", "/get/", "/del/", "/session/", "/admin/", "/nope"} {
		s.get(path, testkit.Header("Cookie", "sessionid="+djangos+"; messages=x; adminid=y; adminmessages=z; theme=blue")).silent(t, path)
	}
	s.get("/del/", testkit.Header("Cookie", "sessionid="+djangos+"; sessionid="+id)).dead(t, "/del/")
}

// --cookie-name gives the session cookie its name, over https with the prefix.
func TestCookies_Name(t *testing.T) {
	t.Parallel()
	s := start(t, "--trusted-proxies", "127.0.0.1", "--cookie-name", "pages.id")
	id := issuedBy(t, s.get("/set/?name=Pema"), "pages.id")
	s.get("/get/", cookie(djangos), testkit.Cookie("pages.id", id)).page(t, 200, getTitle)
	s.get("/get/", cookie(id)).page(t, 200, noneTitle)
	r := s.get("/get/", overHTTPS, testkit.Cookie("pages.id", id))
	r.page(t, 200, getTitle)
	if issuedBy(t, r, "__Host-pages.id") != id {
		t.Error("the session has another id over https")
	}
	for _, name := range []string{"messages", "__Host-id", "a b"} {
		cmd := command("--addr", "127.0.0.1:0", "--data-dir", t.TempDir(), "--cookie-name", name)
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "--cookie-name=") {
			t.Errorf("--cookie-name=%q: %v\n%s\nwant an error about it", name, err, out)
		}
	}
}

// Below a base path the cookies keep its path, so their prefix over https is __Secure-.
func TestCookies_BasePath(t *testing.T) {
	t.Parallel()
	s := start(t, "--trusted-proxies", "127.0.0.1", "--base-path", "/pages/")
	r := s.get("/pages/set/?name=Pema", overHTTPS)
	id := issuedBy(t, r, "__Secure-sessionid")
	if got := r.Header.Get("Set-Cookie"); !strings.HasSuffix(got, "; Path=/pages/; SameSite=Lax; Secure") {
		t.Errorf("Set-Cookie = %q; want the path /pages/, Secure", got)
	}
	s.get("/pages/get/", overHTTPS, testkit.Cookie("__Secure-sessionid", id)).page(t, 200, getTitle)
	r = s.post("/pages/admin/theme/", overHTTPS, testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Form("theme", "dark"))
	if got := r.Header.Get("Set-Cookie"); !strings.HasPrefix(got, "__Secure-theme=dark;") || !strings.Contains(got, "; Path=/pages/admin/; ") {
		t.Errorf("POST /pages/admin/theme/ sends %q; want __Secure-theme with the path /pages/admin/", got)
	}
}
