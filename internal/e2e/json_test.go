package e2e

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"
)

var jsonKeys = []string{"absolute_remaining_ms", "idle_timeout_ms", "name", "reason", "remaining_ms", "state"}

// fields are the answer's JSON, which has all the keys and no others.
func (r *reply) fields(t *testing.T) map[string]any {
	t.Helper()
	if got := r.Header.Get("Content-Type"); r.StatusCode != http.StatusOK || got != "application/json; charset=utf-8" {
		t.Errorf("GET /session/ = %d, %s; want 200, application/json; charset=utf-8", r.StatusCode, got)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(r.body), &fields); err != nil {
		t.Fatalf("GET /session/ = %q: %v", r.body, err)
	}
	var keys []string
	for key := range fields {
		keys = append(keys, key)
	}
	if slices.Sort(keys); !slices.Equal(keys, jsonKeys) {
		t.Errorf("GET /session/ has the keys %q; want %q", keys, jsonKeys)
	}
	return fields
}

func TestJSON_Live(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "30s", "--absolute-timeout", "1h")
	id := s.set(func(r *http.Request) { r.URL.RawQuery = "name=Zo%C3%AB%20%22%3C" })
	time.Sleep(50 * time.Millisecond)
	f := s.get("/session/", cookie(id)).fields(t)
	if f["state"] != "live" || f["reason"] != "" || f["name"] != `Zoë "<` {
		t.Errorf("state %v, reason %v, name %v; want live, nothing, Zoë \"<", f["state"], f["reason"], f["name"])
	}
	left, _ := f["remaining_ms"].(float64)
	whole, _ := f["absolute_remaining_ms"].(float64)
	if left <= 10_000 || left > 29_960 || whole <= 3_500_000 || whole > 3_599_960 || f["idle_timeout_ms"] != 30_000.0 {
		t.Errorf("remaining %v, absolute %v, idle %v; want a little less than 30000, 3600000, and 30000",
			f["remaining_ms"], f["absolute_remaining_ms"], f["idle_timeout_ms"])
	}
}

func TestJSON_NoAbsoluteTimeout(t *testing.T) {
	t.Parallel()
	s := start(t, "--absolute-timeout", "0")
	f := s.get("/session/", cookie(s.set())).fields(t)
	if v := f["absolute_remaining_ms"]; v != nil {
		t.Errorf("absolute_remaining_ms = %v; want null, for there is none", v)
	}
}

func TestJSON_NoneAndEnded(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	s.get("/del/", cookie(id))
	for _, c := range []struct{ id, state, reason string }{
		{"", "none", ""},
		{"nonsense", "none", ""},
		{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "none", ""},
		{id, "ended", "deleted"},
	} {
		r := s.get("/session/", cookie(c.id))
		r.silent(t, "GET /session/")
		f := r.fields(t)
		if f["state"] != c.state || f["reason"] != c.reason || f["name"] != "" {
			t.Errorf("sessionid=%s: state %v, reason %v, name %v; want %s, %s, nothing",
				c.id, f["state"], f["reason"], f["name"], c.state, c.reason)
		}
		for _, key := range []string{"remaining_ms", "absolute_remaining_ms"} {
			if ms, ok := f[key].(float64); !ok || ms != 0 {
				t.Errorf("sessionid=%s: %s = %v; want 0", c.id, key, f[key])
			}
		}
	}
}

func TestJSON_Refresh(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	r := s.post("/session/refresh/", cookie(id))
	if r.StatusCode != http.StatusNoContent || r.body != "" {
		t.Errorf("POST /session/refresh/ = %d, %q; want 204 and no body", r.StatusCode, r.body)
	}
	if got := sentID(r); got != id {
		t.Errorf("POST /session/refresh/: id %q; want %q", got, id)
	}
	s.get("/del/", cookie(id))
	for _, id := range []string{"", "nonsense", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", id} {
		r := s.post("/session/refresh/", cookie(id))
		if r.StatusCode != http.StatusUnauthorized {
			t.Errorf("POST /session/refresh/, sessionid=%s, = %d; want 401", id, r.StatusCode)
		}
		r.silent(t, "POST /session/refresh/ without a live session")
	}
}

// The numbers count down in real time, and no faster or slower.
func TestJSON_CountsDown(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.set()
	first := s.look(id)
	for range 5 {
		time.Sleep(100 * time.Millisecond)
		l := s.look(id)
		if l.latest().Before(first.earliest()) || l.earliest().After(first.latest()) {
			t.Errorf("the session's end moved by %v", l.earliest().Sub(first.earliest()))
		}
	}
}
