package e2e

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// A wire is a request and the answer that it has to get. LIVE in its headers stands for
// the cookie of a live session.
type wire struct {
	line    string // method and target
	headers string // each with its \r\n; Host is localhost unless it is here
	body    string
	status  int
	cookie  string // "live", "dead", "new" (another visitor's); "" is none
	holds   string // in the body, or a whole header
}

const (
	live20   = "Cookie: sessionid=LIVE\r\n"
	foreign  = "Cookie: sessionid=ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n"       // has the form of an id; no server issued it
	django   = "Cookie: sessionid=k3vd2q0a9p7z1xw8c6bn5m4lj2hgf0ds\r\n" // another program's on this host
	prefetch = "Sec-Purpose: prefetch\r\n"
	cross    = "Sec-Fetch-Site: cross-site\r\n"
	urlForm  = "Content-Type: application/x-www-form-urlencoded\r\n"
)

// Tests in memory check the parts (internal/web, session, internal/server). These rows
// check that the program joins them.
var wires = []wire{
	{"GET /", "", "", 200, "", "A session that lasts 20 seconds"},
	{"GET /", live20, "", 200, "", "Your session is live"},
	{"GET /set/", "", "", 200, "new", setTitle},
	{"POST /set/", urlForm, "name=%3Cb%3EDorji", 200, "new", "<bdi>&lt;b&gt;Dorji</bdi>"},
	{"GET /set/?name=Pema", live20, "", 200, "live", "<bdi>Pema</bdi>"},
	{"GET /get/", live20, "", 200, "live", getTitle},
	{"GET /get/", "Cookie: theme=dark\r\n" + live20, "", 200, "live", getTitle},
	{"POST /session/refresh/", live20, "", 204, "live", ""},
	{"GET /session/", live20, "", 200, "", `"name":"Pema"`},
	{"GET /session/", live20 + "Origin: https://evil.example\r\n", "", 200, "", "Vary: Cookie"},

	{"GET /get/", "", "", 200, "", noneTitle},
	{"GET /get/", foreign, "", 200, "dead", unknownTitle},
	{"GET /get/", "Cookie: Sessionid=LIVE; xsessionid=LIVE\r\n", "", 200, "", noneTitle},
	{"GET /get/", live20 + foreign, "", 200, "live", getTitle},
	{"GET /get/", django + live20, "", 200, "live", getTitle},
	{"GET /set/?name=Pema", live20 + django, "", 200, "live", "<bdi>Pema</bdi>"},
	{"GET /get/", django, "", 200, "", noneTitle},
	{"GET /del/", django, "", 200, "", noDelTitle},
	{"GET /", django + "Cookie: messages=.eJx:1rV:ABC\r\n", "", 200, "", "You have no session"},
	{"GET /admin/login/", "Cookie: adminid=x; adminmessages=y; theme=z\r\n", "", 200, "", "Sign in"},
	{"GET /get/", "Cookie: sessionid=\x80\xff<script>\r\n", "", 200, "", noneTitle},
	{"GET /get/", "Cookie: sessionid=" + strings.Repeat("A", 7000) + "\r\n", "", 200, "", noneTitle},
	{"GET /get/", "Cookie: sessionid=a\x00b\r\n", "", 400, "", ""},
	{"GET /del/", foreign, "", 200, "dead", noDelTitle},
	{"POST /session/refresh/", foreign, "", 401, "", `{"state":"ended","reason":""}`},

	{"HEAD /get/", live20, "", 200, "", "Content-Type: text/html; charset=utf-8"},
	{"OPTIONS /get/", live20, "", 204, "", "Allow: GET, HEAD, OPTIONS"},
	{"GET /get/", live20 + prefetch, "", 503, "", "Temporarily unavailable"},
	{"POST /del/", live20 + prefetch, "", 503, "", "Temporarily unavailable"},
	{"GET /del/", live20 + cross, "", 200, "", `action="/del/" method="post"`},
	{"POST /del/", live20 + cross, "", 403, "", "Another site sent this request"},
	{"GET /set/?name=", live20, "", 400, "", "This name cannot be used"},
	{"POST /session/timeout/", live20 + urlForm, "timeout=21", 400, "", `value="200"`},
	{"POST /session/timeout/", live20 + "Content-Type: application/json\r\n", `{"idle_timeout_ms":61000}`, 400, "", `[20000,60000,200000]`},
	{"GET /set?name=a%20b", live20, "", 301, "", "Location: /set/?name=a%20b"},
	{"POST /set", live20, "", 308, "", "Location: /set/"},
	{"GET //evil.example/", live20, "", 404, "", "Page not found"},
	{"GET /static/%2e%2e/go.mod", live20, "", 404, "", "Page not found"},
	{"DELETE /del/", live20, "", 405, "", "Allow: GET, HEAD, POST, OPTIONS"},
	{"BREW /get/", live20, "", 405, "", "Method not allowed"},

	{"GET /get/", live20 + "Host: evil.example\r\nX-Forwarded-Host: localhost\r\n", "", 400, "", "Unknown address"},
	{"GET http://evil.example/get/", live20, "", 400, "", "Unknown address"},
	{"GET /livez", "Host: 10.1.2.3:8000\r\n", "", 200, "", "ok"},
	{"GET /readyz", "Host: 10.1.2.3:8000\r\n", "", 200, "", "ready"},
	{"GET /robots.txt", "", "", 200, "", "Disallow: /del/"},
	{"GET /static/style.css", "", "", 200, "", "Cache-Control: public, max-age=300"},

	{"GET /get/", live20 + "X-Large: " + strings.Repeat("x", 20_000) + "\r\n", "", 431, "", "Headers too large"},
	{"POST /set/", live20 + "Content-Length: 99999999\r\n", "", 413, "", "Form too large"},
	{"POST /set/", live20 + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", 400, "", "Bad request"},
	{"POST /del/", live20 + "Origin: http://evil.example\r\nTransfer-Encoding: chunked\r\n", "0\r\nSec-Fetch-Site: same-origin\r\n\r\n", 403, "", "Another site sent this request"},
	{"GET /get/", live20 + "Expect: x\r\n", "", 417, "", "Expectation failed"},
	{"GET /get/", live20 + "Content Length: 3\r\n", "", 400, "", "Bad request"},

	{"POST /del/", live20 + django, "", 200, "dead", delTitle},
	{"GET /get/", live20, "", 200, "dead", deletedTitle},
	{"POST /session/refresh/", live20, "", 401, "", `{"state":"ended","reason":"deleted"}`},
}

func TestWiring_Defaults(t *testing.T) {
	t.Parallel()
	s := start(t)
	id, made := s.set(named("Pema")), 0
	for _, w := range wires {
		s.wired(t, w, id, 20)
		if w.cookie == "new" {
			made++
		}
	}
	s.stop()
	if again := startIn(t, s.dir); !again.serving(made) {
		t.Errorf("after that the file holds something else than %d sessions:\n%s", made, again.out)
	}
}

// Each setting takes effect.
func TestWiring_Settings(t *testing.T) {
	t.Parallel()
	const host = "Host: app.example\r\n"
	s := start(t, "--language", "auto", "--time-zone", "Asia/Kolkata", "--allowed-hosts", "app.example,127.0.0.1",
		"--idle-timeout", "30s", "--absolute-timeout", "100s", "--max-sessions", "1", "--debug")
	id := s.set(named("Pema"))
	for _, w := range []wire{
		{"GET /get/", host + live20 + "Accept-Language: de-DE\r\n", "", 200, "live", `<html lang="de">`},
		{"GET /get/", host + live20, "", 200, "live", `<abbr title="Asia/Kolkata">IST</abbr>`},
		{"GET /get/", host + live20, "", 200, "live", "Accept-Language"},
		{"GET /", "Host: localhost\r\n", "", 400, "", "Unknown address"},
		{"POST /session/timeout/", host + live20 + urlForm, "timeout=200", 400, "", "That time cannot be chosen"},
		{"GET /set/", host, "", 503, "", "Retry-After: "},
		{"GET /nope", host, "", 404, "", "<li><code>GET, HEAD, POST, OPTIONS /set/</code></li>"},
	} {
		s.wired(t, w, id, 30)
	}
}

// wired sends a request and compares the answer and the session with its row.
func (s *server) wired(t *testing.T, w wire, id string, idle int) {
	t.Helper()
	before := s.look(id)
	if w.cookie == "live" {
		time.Sleep(20 * time.Millisecond) // so that an extension shows
	}
	r := s.raw(t, w.request(id))
	if r.StatusCode != w.status {
		t.Errorf("%s %.60q = %d; want %d", w.line, w.headers, r.StatusCode, w.status)
	}
	r.guarded(t, w.line)
	if head := headerOf(r); !strings.Contains(r.Text, w.holds) && !strings.Contains(head, w.holds) {
		t.Errorf("%s %.60q lacks %q:\n%s\n%s", w.line, w.headers, w.holds, head, r.Text)
	}
	r.Lacks(id, "<script>alert")
	s.cookieOf(t, w, r, id, idle)
	switch after := s.look(id); {
	case w.cookie == "live" && !slid(before, after):
		t.Errorf("%s does not slide the session", w.line)
	case before.State == "live" && w.cookie != "live" && (w.cookie != "dead" || w.line != "POST /del/"):
		sameSession(t, w.line, before, after)
	}
}

// cookieOf compares the answer's cookie with its row.
func (s *server) cookieOf(t *testing.T, w wire, r *reply, id string, idle int) {
	t.Helper()
	switch w.cookie {
	case "live", "new":
		r.live(t, w.line, idle)
		if (sentID(r) == id) != (w.cookie == "live") {
			t.Errorf("%s: id %s; want the visitor's own", w.line, sentID(r))
		}
	case "dead":
		r.dead(t, w.line)
	default:
		r.silent(t, w.line)
	}
}

func (w wire) request(id string) string {
	request := w.line + " HTTP/1.1\r\n" + strings.ReplaceAll(w.headers, "LIVE", id)
	if !strings.Contains(w.headers, "Host: ") {
		request += "Host: localhost\r\n"
	}
	if !strings.Contains(w.headers, "Content-Length") && !strings.Contains(w.headers, "chunked") {
		request += "Content-Length: " + strconv.Itoa(len(w.body)) + "\r\n"
	}
	return request + "\r\n" + w.body
}

// headerOf returns the header as it came, in sorted order.
func headerOf(r *reply) string {
	var b strings.Builder
	_ = r.Header.Write(&b)
	return b.String()
}
