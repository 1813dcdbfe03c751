package e2e

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A session ends on the server: a cookie that was kept finds none.
func TestExpiry_ReplayedCookieIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "1s")
	r := s.get("/set/?name=Pema")
	r.live(t, "GET /set/", 1)
	id := sentID(r)
	time.Sleep(1100 * time.Millisecond)
	s.state(id, "ended", "idle")
	r = s.get("/get/", cookie(id))
	r.page(t, http.StatusOK, endedTitle, "It had no visit for")
	r.dead(t, "GET /get/")
	if strings.Contains(r.Text, "Pema") {
		t.Errorf("the ended page shows the name:\n%s", r.Text)
	}
	if r := s.post("/session/refresh/", cookie(id)); r.StatusCode != http.StatusUnauthorized || !strings.Contains(r.Text, `"idle"`) {
		t.Errorf("POST /session/refresh/ = %d, %q; want 401 and the reason", r.StatusCode, r.Text)
	}
	s.get("/", cookie(id)).page(t, http.StatusOK, "A session that lasts 1 second", endedTitle)
	if got := sentID(s.get("/set/", cookie(id))); got == "" || got == id {
		t.Errorf("GET /set/ with an ended session's cookie: id %q; want a new one, not %q", got, id)
	}
	s.state(id, "ended", "idle")
}

// A session is served before its end, and has expired from then on.
func TestExpiry_Boundary(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "1s")
	id := s.set()
	first := s.look(id)
	for l := first; ; l = s.look(id) {
		switch {
		case l.State == "live" && l.sent.After(first.latest()):
			t.Fatalf("live %v after its end", l.sent.Sub(first.latest()))
		case l.State == "ended" && l.got.Before(first.earliest()):
			t.Fatalf("ended %v before its end", first.earliest().Sub(l.got))
		case l.State == "ended":
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// Each visit extends it, up to the absolute timeout.
func TestExpiry_AbsoluteTimeout(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "1s", "--absolute-timeout", "3s")
	id := s.set()
	first := s.look(id)
	more := time.Duration(*first.AbsoluteRemainingMS-*first.RemainingMS) * time.Millisecond
	const rounding = 2 * time.Millisecond
	soonest, ends := first.earliest().Add(more-rounding), first.latest().Add(more)
	for i := 0; ; i++ {
		path := []string{"/get/", "/set/", "/session/refresh/"}[i%3]
		method := map[bool]string{true: "POST", false: "GET"}[i%3 == 2]
		r := s.do(method, path, cookie(id))
		if sentID(r) != id {
			if r.Got.Before(soonest) {
				t.Fatalf("%s %s: the session ended %v before its absolute timeout", method, path, soonest.Sub(r.Got))
			}
			break
		}
		if r.Sent.After(ends) {
			t.Fatalf("%s %s: the session is live %v after its absolute timeout", method, path, r.Sent.Sub(ends))
		}
		checkMaxAge(t, r, ends)
		time.Sleep(200 * time.Millisecond)
	}
	s.state(id, "ended", "absolute")
	s.get("/get/", cookie(id)).page(t, http.StatusOK, absoluteTitle)
}

// checkMaxAge compares the cookie with the session's end, rounded up.
func checkMaxAge(t *testing.T, r *reply, ends time.Time) {
	t.Helper()
	m := liveCookie.FindStringSubmatch(r.Header.Get("Set-Cookie"))
	if m == nil {
		t.Fatalf("Set-Cookie %q; want the form %s", r.Header["Set-Cookie"], liveCookie)
	}
	age, _ := strconv.Atoi(m[2])
	if left := ends.Sub(r.Sent) + time.Second; age < 1 || time.Duration(age)*time.Second > max(left, time.Second) {
		t.Errorf("Max-Age=%d with at most %v left", age, left-time.Second)
	}
}
