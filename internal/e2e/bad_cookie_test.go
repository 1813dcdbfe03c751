package e2e

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// foreign has the form of our ids, and nobody was ever given it.
const foreign = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// badCookies are Cookie header lines that are no session. LIVE stands for an id
// that is live: beside another cookie of the name nobody can tell whose it is.
var badCookies = map[string]string{
	"foreign":            "sessionid=" + foreign,
	"empty":              "sessionid=",
	"lower case":         "sessionid=" + strings.ToLower(foreign),
	"too short":          "sessionid=" + foreign[1:],
	"too long":           "sessionid=" + foreign + "A",
	"digit not in use":   "sessionid=" + foreign[1:] + "1",
	"stock driver's":     "sessionid=7d444840-9dc0-11d1-b245-5ffdce74fad2",
	"the original's":     "sessionid=k2j4h5g6f7d8s9a0q1w2e3r4t5y6u7i8",
	"path":               "sessionid=../../../etc/passwd",
	"markup":             "sessionid=<script>alert(1)</script>",
	"format":             "sessionid=%s%n%00%0d%0a",
	"binary":             "sessionid=\x80\xff\xfe\xc0\xaf",
	"high bytes":         "sessionid=" + strings.Repeat("\xc1", 26),
	"oversized":          "sessionid=" + strings.Repeat("A", 7000),
	"doubled":            "sessionid=LIVE; sessionid=LIVE",
	"doubled, foreign":   "sessionid=LIVE; sessionid=" + foreign,
	"foreign, doubled":   "sessionid=" + foreign + "; sessionid=LIVE",
	"doubled, malformed": "sessionid=LIVE; sessionid=x",
	"malformed, doubled": "sessionid=; sessionid=LIVE",
	"two header lines":   "sessionid=LIVE\r\nCookie: sessionid=" + foreign,
	"suffix":             "sessionid=LIVE.x",
	"list":               "sessionid=LIVE,LIVE",
	"space inside":       "sessionid=LI VE",
	"other name":         "Sessionid=LIVE",
	"prefix in the name": "xsessionid=LIVE",
	"only noise":         ";;;===;; = ;",
}

// Every one of them is no session: the page says so, nobody gets a session, no
// live session is touched, and nothing is written.
func TestBadCookie_IsNoSession(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "60s")
	live := s.set()
	time.Sleep(500 * time.Millisecond) // the flush of that, and so that a slide cannot hide
	before, file := s.look(live), s.fileSum()
	for name, line := range badCookies {
		line = "Cookie: " + strings.ReplaceAll(line, "LIVE", live) + "\r\n"
		for _, c := range []struct {
			method, path, says string
			status             int
		}{
			{"GET", "/get/", noneTitle, 200},
			{"GET", "/", noneTitle, 200},
			{"GET", "/session/", `"state":"none"`, 200},
			{"POST", "/session/refresh/", `"state":"none"`, 401},
			{"HEAD", "/get/", "", 200},
			{"GET", "/del/", delTitle, 200},
		} {
			r := s.raw(t, c.method+" "+c.path+" HTTP/1.1\r\nHost: localhost\r\n"+line+"Content-Length: 0\r\n\r\n")
			if r.StatusCode != c.status || !strings.Contains(r.body, c.says) {
				t.Errorf("%s: %s %s = %d; want %d and %q", name, c.method, c.path, r.StatusCode, c.status, c.says)
			}
			if id := sentID(r); id != "" {
				t.Errorf("%s: %s %s made the session %s", name, c.method, c.path, id)
			}
			if strings.Contains(r.body, "script>alert") || strings.Contains(r.body, live) {
				t.Errorf("%s: %s %s shows the cookie", name, c.method, c.path)
			}
		}
	}
	sameSession(t, "a bad cookie", before, s.look(live))
	if s.fileSum() != file {
		t.Errorf("a bad cookie made the server write")
	}
	s.stop()
	if again := startIn(t, s.dir); !again.serving(1) {
		t.Errorf("after that the file holds something else than 1 session:\n%s", again.out)
	}
}

// fileSum identifies what is in the session file.
func (s *server) fileSum() [32]byte {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, "sessions.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	return sha256.Sum256(b)
}

// A bad cookie is deleted, so that it does not come again; /set/ replaces it
// by an id of the server's own making.
func TestBadCookie_IsReplaced(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, bad := range []string{foreign, "x", strings.ToLower(foreign), strings.Repeat("A", 7000)} {
		s.get("/get/", cookie(bad)).dead(t, "GET /get/")
		s.get("/del/", cookie(bad)).dead(t, "GET /del/")
		r := s.get("/set/", cookie(bad))
		r.live(t, "GET /set/", 20)
		if sentID(r) == bad {
			t.Errorf("GET /set/ adopted the id %s", bad)
		}
	}
	s.state(foreign, "none", "")
}

// Control bytes in a header make no request at all of it, by RFC 9110, 5.5.
func TestBadCookie_ControlBytes(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, bad := range []string{"\x00", "a\x00b", "\r", "a\rb", "\x01", "\x7f"} {
		r := s.raw(t, "GET /get/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid="+bad+"\r\n\r\n")
		if r.StatusCode != 400 && (r.StatusCode != 200 || !strings.Contains(r.body, noneTitle)) {
			t.Errorf("cookie %q = %d; want 400, or 200 and no session", bad, r.StatusCode)
		}
	}
	s.get("/get/").page(t, 200, noneTitle)
}
