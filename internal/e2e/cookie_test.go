package e2e

import (
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// liveCookie and deadCookie are the two whole forms of Set-Cookie.
var liveCookie = regexp.MustCompile(`^sessionid=[A-Z2-7]{26}; expires=(\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT); ` +
	`HttpOnly; Max-Age=(\d+); Path=/; SameSite=Lax$`)

const deadCookie = `sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; SameSite=Lax`

// live fails the test unless the answer sends exactly one cookie, of a session
// that lives that many seconds.
func (r *reply) live(t *testing.T, what string, seconds int) {
	t.Helper()
	cookies := r.Header["Set-Cookie"]
	if len(cookies) != 1 || !liveCookie.MatchString(cookies[0]) {
		t.Errorf("%s: Set-Cookie %q; want one of the form %s", what, cookies, liveCookie)
		return
	}
	m := liveCookie.FindStringSubmatch(cookies[0])
	if m[2] != strconv.Itoa(seconds) {
		t.Errorf("%s: Max-Age=%s; want %d", what, m[2], seconds)
	}
	expires, err := http.ParseTime(m[1])
	life := time.Duration(seconds) * time.Second
	if err != nil || expires.Before(r.sent.Add(life-time.Second)) || expires.After(r.got.Add(life)) {
		t.Errorf("%s: expires=%s (%v); want %v after %v", what, m[1], err, life, r.got)
	}
}

// dead fails the test unless the answer deletes the cookie.
func (r *reply) dead(t *testing.T, what string) {
	t.Helper()
	if got := r.Header["Set-Cookie"]; len(got) != 1 || got[0] != deadCookie {
		t.Errorf("%s: Set-Cookie %q; want %q", what, got, deadCookie)
	}
}

// silent fails the test when the answer sends any cookie.
func (r *reply) silent(t *testing.T, what string) {
	t.Helper()
	if got := r.Header["Set-Cookie"]; got != nil {
		t.Errorf("%.60q: Set-Cookie %q; want none", what, got)
	}
}

func TestCookie_Form(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := s.get("/set/")
	r.live(t, "GET /set/", 20)
	id := sentID(r)
	s.get("/set/", cookie(id)).live(t, "GET /set/ again", 20)
	s.post("/set/", cookie(id), form("name", "Pema")).live(t, "POST /set/", 20)
	s.get("/get/", cookie(id)).live(t, "GET /get/", 20)
	s.post("/session/refresh/", cookie(id)).live(t, "POST /session/refresh/", 20)
	s.get("/", cookie(id)).silent(t, "GET /")
	s.get("/session/", cookie(id)).silent(t, "GET /session/")
	s.get("/del/", cookie(id)).dead(t, "GET /del/")
}

func TestCookie_Deletion(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.get("/get/").silent(t, "GET /get/ without a cookie")
	s.get("/del/").silent(t, "GET /del/ without a cookie")
	s.post("/del/").silent(t, "POST /del/ without a cookie")
	id := s.set()
	s.post("/del/", cookie(id)).dead(t, "POST /del/")
	s.get("/get/", cookie(id)).dead(t, "GET /get/ with a deleted session's cookie")
	s.get("/del/", cookie(id)).dead(t, "GET /del/ with a deleted session's cookie")
	s.get("/", cookie(id)).silent(t, "GET / with a deleted session's cookie")
	s.post("/session/refresh/", cookie(id)).silent(t, "POST /session/refresh/ with a deleted session's cookie")
}

// A header that any client can send must not decide how the cookie is sent.
func TestCookie_ForwardedHeadersAreNotBelieved(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, h := range [][2]string{
		{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Protocol", "https"}, {"X-Forwarded-Ssl", "on"},
		{"X-Url-Scheme", "https"}, {"Forwarded", "proto=https"}, {"X-Forwarded-Host", "evil.example"},
	} {
		s.get("/set/", header(h[0], h[1])).live(t, h[0], 20)
	}
}

func TestCookie_OtherCookiesAreLeftAlone(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	others := "theme=dark; SessionID=" + id + "; session_id=x; xsessionid=y"
	s.get("/get/", header("Cookie", others)).silent(t, "GET /get/ with other cookies only")
	s.get("/get/", header("Cookie", others+"; sessionid="+id)).live(t, "GET /get/ among others", 20)
}

func TestCookie_IdsDiffer(t *testing.T) {
	t.Parallel()
	s := start(t)
	seen := map[string]bool{}
	for range 50 {
		seen[s.set()] = true
	}
	if len(seen) != 50 {
		t.Errorf("50 visitors have %d ids", len(seen))
	}
}
