package e2e

import (
	"encoding/json"
	"net/http"
	"regexp"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// set starts a session and returns its id.
func (s *server) set(opts ...testkit.Option) string {
	s.t.Helper()
	r := s.get("/set/", opts...)
	id := sentID(r)
	if r.StatusCode != http.StatusOK || id == "" {
		s.t.Fatalf("GET /set/ = %d, Set-Cookie %q; want 200 and an id", r.StatusCode, r.Header["Set-Cookie"])
	}
	return id
}

// sentID returns the id in the answer's cookie, or "".
func sentID(r *reply) string {
	m := regexp.MustCompile(`^sessionid=([A-Z2-7]{26});`).FindStringSubmatch(r.Header.Get("Set-Cookie"))
	if m == nil {
		return ""
	}
	return m[1]
}

// look has an answer of GET /session/, and when it was requested.
type look struct {
	State               string `json:"state"`
	Reason              string `json:"reason"`
	Name                string `json:"name"`
	RemainingMS         *int64 `json:"remaining_ms"`
	IdleTimeoutMS       *int64 `json:"idle_timeout_ms"`
	AbsoluteRemainingMS *int64 `json:"absolute_remaining_ms"`

	sent, got time.Time
}

// look peeks at a session.
func (s *server) look(id string, opts ...testkit.Option) look {
	s.t.Helper()
	r := s.get("/session/", append(opts, cookie(id))...)
	l := look{sent: r.Sent, got: r.Got}
	if err := json.Unmarshal([]byte(r.Text), &l); err != nil || r.StatusCode != http.StatusOK {
		s.t.Fatalf("GET /session/ = %d, %q: %v; want 200 and JSON", r.StatusCode, r.Text, err)
	}
	if got := r.Header["Set-Cookie"]; got != nil {
		s.t.Errorf("GET /session/: Set-Cookie = %q; want none", got)
	}
	return l
}

// state fails the test unless the session is in that state, for that reason.
func (s *server) state(id, state, reason string) {
	s.t.Helper()
	if l := s.look(id); l.State != state || l.Reason != reason {
		s.t.Errorf("GET /session/: state %q, reason %q; want %q, %q", l.State, l.Reason, state, reason)
	}
}

// remaining returns the time that is left, 0 for none.
func (l look) remaining() time.Duration {
	if l.RemainingMS == nil {
		return 0
	}
	return time.Duration(*l.RemainingMS) * time.Millisecond
}

// earliest and latest bound the instant at which the session ends: the server read its
// clock between sent and got.
func (l look) earliest() time.Time { return l.sent.Add(l.remaining() - time.Millisecond) }
func (l look) latest() time.Time   { return l.got.Add(l.remaining()) }

// slid reports whether the end has certainly moved between two looks.
func slid(before, after look) bool {
	return after.earliest().After(before.latest().Add(2 * time.Millisecond))
}

// sameSession fails the test if anything about a session differs.
func sameSession(t *testing.T, what string, before, after look) {
	t.Helper()
	if after.State != before.State || after.Reason != before.Reason || after.Name != before.Name {
		t.Errorf("%s changed the session: %q %q %q; want %q %q %q", what,
			after.State, after.Reason, after.Name, before.State, before.Reason, before.Name)
	}
	if slid(before, after) {
		t.Errorf("%s slid the session: %v left, before %v left", what, after.remaining(), before.remaining())
	}
}
