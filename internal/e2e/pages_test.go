package e2e

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The texts that the original's visitors know.
const (
	setTitle   = "Session setting up..........."
	getTitle   = "Your name from the session"
	delTitle   = "You session has been deleted successfully"
	endedTitle = "Your session has Expired..."
	noneTitle  = "You have no session"
)

// page fails the test unless r is a page with that heading and those parts.
func (r *reply) page(t *testing.T, status int, h1 string, parts ...string) {
	t.Helper()
	if r.StatusCode != status || r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("status %d, Content-Type %q; want %d, text/html; charset=utf-8", r.StatusCode, r.Header.Get("Content-Type"), status)
	}
	for _, part := range append(parts, "<!DOCTYPE html>", "<h1>"+h1+"</h1>") {
		if !strings.Contains(r.body, part) {
			t.Errorf("no %q in the page:\n%s", part, r.body)
		}
	}
	if got := r.ContentLength; got != int64(len(r.body)) {
		t.Errorf("Content-Length = %d; want %d", got, len(r.body))
	}
}

func TestPages_Set(t *testing.T) {
	t.Parallel()
	s := start(t)
	first := s.get("/set/")
	first.page(t, http.StatusOK, setTitle, "<title>Set Session</title>", "Sonam")
	id := sentID(first)

	again := s.get("/set/?name=Pema", cookie(id))
	again.page(t, http.StatusOK, setTitle, "Pema")
	if got := sentID(again); got != id {
		t.Errorf("GET /set/ with a live session: id %q; want the same, %q", got, id)
	}
	if got := s.look(id).Name; got != "Pema" {
		t.Errorf("name = %q; want Pema", got)
	}
	s.post("/set/", cookie(id), form("name", "Dorji")).page(t, http.StatusOK, setTitle, "Dorji")
	if got := s.look(id).Name; got != "Dorji" {
		t.Errorf("name = %q; want Dorji", got)
	}
	s.get("/set/", cookie(id)).page(t, http.StatusOK, setTitle, "Sonam")
	if other := s.set(); other == id {
		t.Errorf("two visitors have the id %s", id)
	}
}

func TestPages_Get(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set(header("X-None", "1"))
	time.Sleep(300 * time.Millisecond)
	r := s.get("/get/", cookie(id))
	r.page(t, http.StatusOK, getTitle, "<title>Get Session</title>", "Sonam", "20 seconds", `data-remaining-ms="20000"`)
	if got := sentID(r); got != id {
		t.Errorf("GET /get/: id %q; want the same, %q", got, id)
	}
	checkTime(t, r, 20*time.Second)
	s.get("/get/").page(t, http.StatusOK, noneTitle)
}

// checkTime holds the page's <time> against the end of the session.
func checkTime(t *testing.T, r *reply, left time.Duration) {
	t.Helper()
	m := regexp.MustCompile(`<time [^>]*datetime="([^"]+)">([^<]+)</time>`).FindStringSubmatch(r.body)
	if m == nil {
		t.Fatalf("no <time> in the page:\n%s", r.body)
	}
	at, err := time.Parse(time.RFC3339, m[1])
	if err != nil || at.Before(r.sent.Add(left-time.Second)) || at.After(r.got.Add(left)) {
		t.Errorf("time datetime=%q, %v; want %v after %v", m[1], err, left, r.got)
	}
	months := `(Jan\.|Feb\.|March|April|May|June|July|Aug\.|Sept\.|Oct\.|Nov\.|Dec\.)`
	words := regexp.MustCompile(`^` + months + ` \d{1,2}, \d{4}, (noon|midnight|\d{1,2}(:\d\d:\d\d)? [ap]\.m\.)$`)
	if !words.MatchString(m[2]) {
		t.Errorf("<time> says %q; want it as in Nov. 22, 2026, 10:22:05 p.m.", m[2])
	}
	second := at.UTC().Format(":04:05 ")
	if at.Minute()+at.Second() > 0 && !strings.Contains(m[2], second) {
		t.Errorf("<time> says %q; want %q in it", m[2], second)
	}
}

func TestPages_Del(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, method := range []string{"GET", "POST"} {
		id := s.set()
		s.do(method, "/del/", cookie(id)).page(t, http.StatusOK, delTitle, "<title>Delete Session</title>")
		s.state(id, "ended", "deleted")
		s.get("/get/", cookie(id)).page(t, http.StatusOK, endedTitle, "It was deleted")
		s.do(method, "/del/", cookie(id)).page(t, http.StatusOK, delTitle)
		s.do(method, "/del/").page(t, http.StatusOK, delTitle)
		if got := sentID(s.get("/set/", cookie(id))); got == "" || got == id {
			t.Errorf("GET /set/ with a deleted session's cookie: id %q; want a new one, not %q", got, id)
		}
		s.state(id, "ended", "deleted")
	}
}

func TestPages_Home(t *testing.T) {
	t.Parallel()
	s := start(t)
	buttons := []string{`action="/set/" method="post"`, `href="/get/`, `action="/del/" method="post"`}
	home := func(id, says string) {
		t.Helper()
		s.get("/", cookie(id)).page(t, http.StatusOK, "A session that lives 20 seconds", append(buttons, says)...)
	}
	home("", "You have no session")
	id := s.set()
	time.Sleep(50 * time.Millisecond)
	home(id, "Your session is live")
	left := regexp.MustCompile(`data-remaining-ms="(19\d{3})"`).FindStringSubmatch(s.get("/", cookie(id)).body)
	if left == nil {
		t.Errorf("the home page shows no time below 20 s")
	}
	s.get("/del/", cookie(id))
	home(id, "Your last session is over")
}

func TestPages_NotFound(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	for _, path := range []string{
		"/GET/", "/Get/", "/SET/", "/Del/", "/get/x", "/get//", "//get/", "//get", "//", "/./get/x", "/session/x",
		"/session/refresh/x", "/nope", "/index.html", "/static/", "/static/nope.css", "/static/../main.go",
		"/static/%2e%2e/%2e%2e/go.mod", "/debug/pprof/", "/metrics", "/get/;x", "/get/%00", "/.env", "/livez/", "/READYZ",
	} {
		before := s.look(id)
		r := s.raw(t, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid="+id+"\r\n\r\n")
		if r.StatusCode != http.StatusNotFound || r.Header["Set-Cookie"] != nil {
			t.Errorf("GET %s = %d, Set-Cookie %q; want 404 and none", path, r.StatusCode, r.Header["Set-Cookie"])
		}
		sameSession(t, "GET "+path, before, s.look(id))
	}
}
