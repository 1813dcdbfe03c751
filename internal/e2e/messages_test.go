package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pagesession/internal/testkit"
)

const deletedNotice = `<p class="message success" role="status">Your session was deleted.</p>`

// notices returns the value of the messages cookie that an answer sets, or "".
func notices(r *reply) string {
	for _, cookie := range r.Header["Set-Cookie"] {
		m := regexp.MustCompile(`^messages=([A-Za-z0-9_=-]+); HttpOnly; Max-Age=180; Path=/; SameSite=Lax$`).FindStringSubmatch(cookie)
		if m != nil {
			return m[1]
		}
	}
	return ""
}

// forgets reports whether an answer deletes the messages cookie.
func forgets(r *reply) bool {
	for _, cookie := range r.Header["Set-Cookie"] {
		if strings.HasPrefix(cookie, `messages="";`) && strings.Contains(cookie, "Max-Age=0") {
			return true
		}
	}
	return false
}

// bringing sends the messages cookie with notices.
func bringing(value string) testkit.Option { return testkit.Header("Cookie", "messages="+value) }

// deleteFromHome ends a session with the home page's button.
func (s *server) deleteFromHome(id string) (value string) {
	s.t.Helper()
	r := s.post("/del/", cookie(id), testkit.Form("back", "/"))
	if got := r.Header.Get("Location"); r.StatusCode != http.StatusSeeOther || got != "/" {
		s.t.Errorf("POST /del/ with back=/ = %d to %q; want 303 to /", r.StatusCode, got)
	}
	if value = notices(r); value == "" {
		s.t.Fatalf("POST /del/ with back=/: Set-Cookie %q; want messages", r.Header["Set-Cookie"])
	}
	return value
}

// A notice outlives its session, is shown once, and outlives the server.
func TestMessages_OutliveSessionAndServer(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set(named("Pema"))
	value := s.deleteFromHome(id)
	s.state(id, "ended", "deleted")
	r := s.get("/", bringing(value))
	r.page(t, http.StatusOK, "A session that lasts 20 seconds", deletedNotice, "You have no session")
	if !forgets(r) {
		t.Errorf("GET / shows a notice and keeps it: %q", r.Header["Set-Cookie"])
	}
	if r := s.get("/session/", bringing(value)); r.Header["Set-Cookie"] != nil {
		t.Errorf("GET /session/ takes a notice away: %q", r.Header["Set-Cookie"])
	}
	s.stop()
	again := startIn(t, s.dir)
	again.get("/", bringing(value)).page(t, http.StatusOK, "A session that lasts 20 seconds", deletedNotice)
}

// Notices of another server on the same host are ignored, and left for that server.
func TestMessages_OfAnotherServer(t *testing.T) {
	t.Parallel()
	s, other := start(t), start(t)
	r := s.get("/", bringing(other.deleteFromHome(other.set())))
	r.page(t, http.StatusOK, "A session that lasts 20 seconds")
	r.Lacks(`class="message`)
	if r.Header["Set-Cookie"] != nil {
		t.Errorf("GET / removes another server's notice: %q", r.Header["Set-Cookie"])
	}
}

// The key is made once, for its owner only. A broken key stays and stops the start.
func TestMessages_Key(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.stop()
	path := filepath.Join(s.dir, "secret.key")
	key, err := os.ReadFile(path)
	info, _ := os.Stat(path)
	if err != nil || len(key) != 32 || info.Mode().Perm() != 0o600 {
		t.Fatalf("secret.key: %d bytes, %v, %v; want 32, 0600", len(key), err, info)
	}
	write := func(content string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	write(string(key[:31]), 0o600)
	fails(t, s.dir, "secret.key", "31 bytes instead of 32", "delete it to get a new key", "set up their authenticator apps again")
	write("", 0o600)
	fails(t, s.dir, "secret.key", "0 bytes instead of 32")
	write(string(key), 0o644)
	fails(t, s.dir, "secret.key", "(mode 0644); delete it", "set up their authenticator apps again")
	write(string(key), 0o600)
	startIn(t, s.dir).stop()
	if after, _ := os.ReadFile(path); string(after) != string(key) {
		t.Errorf("secret.key was changed by a start")
	}
}
