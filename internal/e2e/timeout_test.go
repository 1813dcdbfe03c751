package e2e

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// choose posts the form of /get/.
func (s *server) choose(id, seconds string, opts ...testkit.Option) *reply {
	s.t.Helper()
	return s.post("/session/timeout/?was=live", append(opts, cookie(id), testkit.Form("timeout", seconds))...)
}

func (l look) idle() int64 {
	if l.IdleTimeoutMS == nil {
		return 0
	}
	return *l.IdleTimeoutMS
}

// Without a script, a button of /get/ leads to a page with a notice, and the session has
// the chosen timeout, also after stops and crashes.
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
	page := s.get("/get/", testkit.Header("Cookie", "sessionid="+id+"; messages="+notices(r)))
	page.page(t, http.StatusOK, getTitle, "Pema", `idle-ms="200000"`, `value="200" aria-current="true">`,
		`<p class="message success" role="status">Each visit now extends your session to 200 seconds.</p>`)
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

// keeps fails the test unless visits and changes keep the idle timeout.
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
