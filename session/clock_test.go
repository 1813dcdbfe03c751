package session_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pagesession/session"
	"pagesession/session/storetest"
)

// newClock returns a policy with a session of 20 s, and its token.
func newClock(t *testing.T, store *storetest.Memory, absolute time.Duration) (*session.Policy, session.Token) {
	t.Helper()
	cfg := session.DefaultConfig()
	cfg.Store, cfg.AbsoluteTimeout = store, absolute
	p, err := session.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, cookie, err := p.Start(t.Context(), session.Token{}, session.ClientInfo{}, func(*session.Draft) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return p, session.ParseToken(cookie.Value())
}

// request is a ClockRequest for a host with headers, each "Name: value".
func request(method, path string, token session.Token, headers ...string) session.ClockRequest {
	return session.ClockRequest{
		Method: method, Path: path, Host: "example.com", Token: token,
		Header: func(name string) string {
			for _, h := range headers {
				if value, ok := strings.CutPrefix(h, name+": "); ok {
					return value
				}
			}
			return ""
		},
	}
}

func stateOf(t *testing.T, r session.ClockResponse) (s session.ClockState) {
	t.Helper()
	if err := json.Unmarshal(r.Body, &s); err != nil {
		t.Fatalf("body %q: %v", r.Body, err)
	}
	return s
}

func TestClock_Status(t *testing.T) {
	p, token := newClock(t, &storetest.Memory{}, time.Hour)
	r := p.Clock(t.Context(), request("GET", "", token))
	s := stateOf(t, r)
	if r.Status != 200 || !r.Private || !r.Cookie.IsZero() || s.State != "live" || *s.IdleTimeoutMS != 20_000 ||
		*s.RemainingMS > 20_000 || *s.RemainingMS < 19_000 || *s.AbsoluteRemainingMS > 3_600_000 {
		t.Errorf("status of a live session = %+v, %s; want 20 s, no cookie, private", r, r.Body)
	}
	if _, err := p.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if s := stateOf(t, p.Clock(t.Context(), request("GET", "", token))); s.State != "ended" || s.Reason != "deleted" || *s.RemainingMS != 0 {
		t.Errorf("status after the end = %+v; want ended, deleted, 0", s)
	}
	p, token = newClock(t, &storetest.Memory{}, 0)
	if s := stateOf(t, p.Clock(t.Context(), request("GET", "", token))); s.AbsoluteRemainingMS != nil {
		t.Errorf("without an absolute timeout %d ms of it are left; want null", *s.AbsoluteRemainingMS)
	}
}

func TestClock_Extend(t *testing.T) {
	p, token := newClock(t, &storetest.Memory{}, time.Hour)
	if r := p.Clock(t.Context(), request("POST", "refresh/", token)); r.Status != 204 || r.Cookie.Value() == "" || len(r.Body) != 0 {
		t.Errorf("extend = %+v; want 204 and the cookie", r)
	}
	if _, err := p.End(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	r := p.Clock(t.Context(), request("POST", "refresh/", token))
	if r.Status != 401 || !r.Cookie.IsZero() || stateOf(t, r).Reason != "deleted" {
		t.Errorf("extend after the end = %+v, %s; want 401, the reason, and the cookie left alone", r, r.Body)
	}
}

// Another site can neither extend a session nor keep it alive.
func TestClock_CrossSite(t *testing.T) {
	p, token := newClock(t, &storetest.Memory{}, time.Hour)
	for header, status := range map[string]int{
		"":                            204, // a program
		"Sec-Fetch-Site: same-origin": 204, "Sec-Fetch-Site: none": 204,
		"Sec-Fetch-Site: cross-site": 403, "Sec-Fetch-Site: same-site": 403, "Sec-Fetch-Site: x": 403,
		"Origin: https://example.com": 204, "Origin: https://evil.example": 403, "Origin: null": 403,
		"Origin: https://example.com.evil.example": 403, "Origin: ://": 403,
	} {
		if r := p.Clock(t.Context(), request("POST", "refresh/", token, header)); r.Status != status || (status == 403) != r.Cookie.IsZero() {
			t.Errorf("extend with %q = %d, cookie %v; want %d", header, r.Status, !r.Cookie.IsZero(), status)
		}
	}
}

func TestClock_Refuses(t *testing.T) {
	p, token := newClock(t, &storetest.Memory{}, time.Hour)
	for _, tt := range []struct {
		method, path string
		status       int
	}{
		{"HEAD", "", 200}, {"HEAD", "clock.js", 200}, {"POST", "", 405}, {"DELETE", "", 405}, {"GET", "refresh/", 405},
		{"HEAD", "refresh/", 405}, {"POST", "clock.js", 405}, {"GET", "other", 404}, {"GET", "refresh", 404},
	} {
		r := p.Clock(t.Context(), request(tt.method, tt.path, token))
		if r.Status != tt.status || (r.Status == 405) != (len(r.Headers) == 1 && r.Headers[0][0] == "Allow") {
			t.Errorf("%s %q = %d, %v; want %d, and Allow with a 405", tt.method, tt.path, r.Status, r.Headers, tt.status)
		}
	}
}

// A store that cannot answer leaves the state unknown, and the cookie alone.
func TestClock_Unavailable(t *testing.T) {
	store := &storetest.Memory{}
	p, token := newClock(t, store, time.Hour)
	store.SetErrors(1)
	for _, r := range []session.ClockRequest{request("GET", "", token), request("POST", "refresh/", token)} {
		if got := p.Clock(t.Context(), r); got.Status != 503 || !got.Cookie.IsZero() || len(got.Body) != 0 {
			t.Errorf("%s %q = %+v; want 503 alone", r.Method, r.Path, got)
		}
	}
}

func TestClock_Script(t *testing.T) {
	p, _ := newClock(t, &storetest.Memory{}, 0)
	header := func(r session.ClockResponse, name string) string {
		for _, h := range r.Headers {
			if h[0] == name {
				return h[1]
			}
		}
		return ""
	}
	tags := map[string]bool{}
	for accept, coding := range map[string]string{
		"": "", "gzip, deflate, br, zstd": "br", "gzip": "gzip", "GZIP;q=0.5": "gzip", "br;q=0, gzip": "gzip", "br; q=0.0": "", "identity": "", "brx": "",
	} {
		r := p.Clock(t.Context(), request("GET", "clock.js", session.Token{}, "Accept-Encoding: "+accept))
		if r.Status != 200 || r.Private || header(r, "Content-Encoding") != coding || header(r, "Content-Type") != "text/javascript; charset=utf-8" ||
			header(r, "Cross-Origin-Resource-Policy") != "same-origin" || header(r, "X-Content-Type-Options") != "nosniff" || header(r, "Cache-Control") != "public, max-age=300" {
			t.Errorf("the script for %q = %d, %v; want %q", accept, r.Status, r.Headers, coding)
		}
		if coding == "" && string(r.Body) != string(session.ClockScript()) {
			t.Errorf("the script for %q is another", accept)
		}
		tag := header(r, "ETag")
		tags[tag] = true
		again := p.Clock(t.Context(), request("GET", "clock.js", session.Token{}, "Accept-Encoding: "+accept, "If-None-Match: W/"+tag))
		if again.Status != 304 || len(again.Body) != 0 || header(again, "ETag") != tag {
			t.Errorf("the script for %q again = %+v; want 304 alone", accept, again)
		}
	}
	if len(tags) != 3 {
		t.Errorf("tags %v; want one for each encoding", tags)
	}
	versioned := request("GET", "clock.js", session.Token{})
	for query, forever := range map[string]bool{"v=" + session.ClockVersion(): true, "v=": false, "v=0": false} {
		versioned.Query = query
		if got := header(p.Clock(t.Context(), versioned), "Cache-Control"); strings.Contains(got, "immutable") != forever {
			t.Errorf("clock.js?%s has Cache-Control %q; want forever: %v", query, got, forever)
		}
	}
}
