package e2e

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// choose posts the form of /get/.
func (s *server) choose(id, seconds string, opts ...option) *reply {
	s.t.Helper()
	return s.post("/session/timeout/?was=live", append(opts, cookie(id), form("timeout", seconds))...)
}

func (l look) idle() int64 {
	if l.IdleTimeoutMS == nil {
		return 0
	}
	return *l.IdleTimeoutMS
}

// Without a script: a button of /get/, a page with a notice, and the session
// lives as long as was asked for, over stops and crashes.
func TestTimeout_FormAndRestart(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "20s")
	id, short := s.set(named("Pema")), s.set()
	s.get("/get/", cookie(id)).page(t, http.StatusOK, getTitle,
		`value="20" aria-current="true">20 seconds<`, `value="60" aria-current="false">60 seconds<`, `value="200" aria-current="false">200 seconds<`)
	time.Sleep(200 * time.Millisecond)
	r := s.choose(id, "200")
	if got := r.Header.Get("Location"); r.StatusCode != http.StatusSeeOther || got != "/get/" {
		t.Errorf("POST /session/timeout/ = %d to %q; want 303 to /get/", r.StatusCode, got)
	}
	if got := r.Header.Get("Set-Cookie"); sentID(r) != id || !strings.Contains(got, "Max-Age=200;") {
		t.Errorf("POST /session/timeout/: Set-Cookie %q; want the same id with Max-Age=200", got)
	}
	page := s.get("/get/", header("Cookie", "sessionid="+id+"; messages="+notices(r)))
	page.page(t, http.StatusOK, getTitle, "Pema", `data-idle-ms="200000"`, `value="200" aria-current="true">`,
		`<p class="message success" role="status">Your session now lives 200 seconds after each look.</p>`)
	if l := s.look(id); l.idle() != 200_000 || l.remaining() < 190*time.Second {
		t.Errorf("idle %d, %v left; want 200000, almost all of it left", l.idle(), l.remaining())
	}
	if l := s.look(short); l.idle() != 20_000 {
		t.Errorf("another visitor's idle timeout is %d; want 20000", l.idle())
	}
	s.stop()
	again := startIn(t, s.dir, "--idle-timeout", "20s")
	again.keeps(id, 200_000)
	again.kill()
	startIn(t, s.dir, "--idle-timeout", "20s").keeps(id, 200_000)
}

// keeps fails the test unless looks and changes leave the idle timeout alone.
func (s *server) keeps(id string, idle int64) {
	s.t.Helper()
	if l := s.look(id); l.State != "live" || l.idle() != idle || l.Name != "Pema" {
		s.t.Errorf("after a restart: %s, idle %d, %q; want live, %d, Pema", l.State, l.idle(), l.Name, idle)
	}
	r := s.get("/get/", cookie(id))
	if got := r.Header.Get("Set-Cookie"); !strings.Contains(got, "Max-Age="+strconv.FormatInt(idle/1000, 10)+";") {
		s.t.Errorf("GET /get/: Set-Cookie %q; want Max-Age of %d ms", got, idle)
	}
	s.get("/set/?name=Pema", cookie(id))
	if l := s.look(id); l.idle() != idle {
		s.t.Errorf("GET /set/ makes the idle timeout %d; want %d kept", l.idle(), idle)
	}
}

func TestTimeout_JSON(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	r := s.post("/session/timeout/", cookie(id), body("application/json", `{"idle_timeout_ms":60000}`))
	f := r.fields(t)
	if f["state"] != "live" || f["idle_timeout_ms"] != 60_000.0 || sentID(r) != id {
		t.Errorf("POST /session/timeout/ = %s; want live with 60000", r.body)
	}
	r = s.post("/session/timeout/", cookie(id), body("application/json", `{"idle_timeout_ms":61000}`))
	var refused struct {
		Error   string  `json:"error"`
		Allowed []int64 `json:"allowed_idle_timeout_ms"`
	}
	if err := json.Unmarshal([]byte(r.body), &refused); err != nil || r.StatusCode != 400 || len(refused.Allowed) != 3 || refused.Error == "" {
		t.Errorf("61000 ms = %d, %s; want 400 and three that are allowed", r.StatusCode, r.body)
	}
	r.silent(t, "a timeout that is not allowed")
	s.get("/del/", cookie(id))
	for id, state := range map[string]string{id: "ended", "": "none", "nonsense": "none"} {
		r := s.post("/session/timeout/", cookie(id), body("application/json", `{"idle_timeout_ms":60000}`))
		if r.StatusCode != http.StatusUnauthorized || !strings.Contains(r.body, `"state":"`+state+`"`) {
			t.Errorf("without a live session: %d, %s; want 401, %s", r.StatusCode, r.body, state)
		}
		r.silent(t, "a timeout for no session")
	}
}

// What is not on the list changes nothing, and the answer says what is.
func TestTimeout_NotOnTheList(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	for _, seconds := range []string{"", "0", "-60", "21", "60s", " 60", "1e2", "60,200", "999999999999", "<script>alert(1)</script>"} {
		before := s.look(id)
		r := s.choose(id, seconds)
		r.page(t, http.StatusBadRequest, "That time cannot be chosen", `value="20"`, `value="60"`, `value="200"`)
		r.silent(t, seconds)
		r.guarded(t, seconds)
		if after := s.look(id); strings.Contains(r.body, "alert(1)") || after.idle() != 20_000 {
			t.Errorf("timeout=%s: idle %d, or it is in the page", seconds, after.idle())
		}
		sameSession(t, "timeout="+seconds, before, s.look(id))
	}
}

// A session that is over is not made live again, however long is asked for.
func TestTimeout_TooLate(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "1s")
	id := s.set()
	s.get("/get/", cookie(id)).page(t, http.StatusOK, getTitle, `value="1" aria-current="true">`)
	time.Sleep(1100 * time.Millisecond)
	s.choose(id, "200").page(t, http.StatusConflict, endedTitle, "Nobody looked at it in time")
	s.choose("", "200").page(t, http.StatusConflict, endedTitle)
	s.post("/session/timeout/", form("timeout", "200")).page(t, http.StatusConflict, noneTitle)
	s.state(id, "ended", "idle")
}

// What the absolute timeout would cut short cannot be chosen.
func TestTimeout_AbsoluteBound(t *testing.T) {
	t.Parallel()
	s := start(t, "--absolute-timeout", "100s")
	id := s.set()
	r := s.choose(id, "200")
	r.page(t, http.StatusBadRequest, "That time cannot be chosen", `value="60"`)
	if strings.Contains(r.body, `value="200"`) {
		t.Errorf("200 s can be chosen where sessions live 100 s:\n%s", r.body)
	}
	if r := s.choose(id, "60"); r.StatusCode != http.StatusSeeOther {
		t.Errorf("60 s = %d; want 303", r.StatusCode)
	}
}

// Many at once: the last one wins, whole, and the name is nobody's loss.
func TestTimeout_ManyAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set(named("Pema"))
	var tabs sync.WaitGroup
	for i := range 30 {
		tabs.Go(func() {
			seconds := []string{"20", "60", "200"}[i%3]
			if r := s.choose(id, seconds); r.StatusCode != http.StatusSeeOther || !strings.Contains(r.Header.Get("Set-Cookie"), "sessionid=") {
				t.Errorf("timeout=%s = %d; want 303", seconds, r.StatusCode)
			}
		})
	}
	tabs.Wait()
	l := s.look(id)
	if idle := l.idle(); l.State != "live" || l.Name != "Pema" || (idle != 20_000 && idle != 60_000 && idle != 200_000) {
		t.Errorf("afterwards: %s, %q, idle %d", l.State, l.Name, idle)
	}
}
