package session_test

import (
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/session"
)

func TestSetExpiry(t *testing.T) {
	expiry := func(d time.Duration) func(*fibersession.Session) error {
		return func(s *fibersession.Session) error { s.SetExpiry(d); return nil }
	}
	k := newKit(t)
	c := k.request()
	if v, err := k.Start(c, expiry(90*time.Second)); err != nil || v.IdleTimeout != 90*time.Second {
		t.Fatalf("Start() = %v, %v; want idle 1m30s", v.IdleTimeout, err)
	}
	id := sentID(t, c)
	if v, err := k.Update(k.request(id), named("x")); err != nil || v.IdleTimeout != 90*time.Second {
		t.Errorf("Update() = %v, %v; want the 1m30s kept", v.IdleTimeout, err)
	}
	for _, d := range []time.Duration{-time.Second, 0, 1, time.Second - 1, 12*time.Hour + 1, 1<<63 - 1} {
		for _, c := range []*fiber.Ctx{k.request(id), k.request()} {
			_, err := k.Start(c, expiry(d))
			wantErr(t, "Start() with "+d.String(), err, session.ErrTimeout)
			wantSent(t, "Start() with "+d.String(), c)
		}
	}
	for _, d := range []time.Duration{time.Second, 12 * time.Hour} {
		if v, err := k.Update(k.request(id), expiry(d)); err != nil || v.IdleTimeout != d {
			t.Errorf("Update() with %v = %v, %v", d, v.IdleTimeout, err)
		}
	}
}

func TestUpdate_KeepsAnIdleTimeoutThatNobodyAskedToChange(t *testing.T) {
	k := newKit(t)
	value := encoded(t, map[string]any{"name": "Sonam"})
	for _, idle := range []time.Duration{0, 500 * time.Millisecond, 48 * time.Hour} {
		k.store.live = map[session.Key]*fakeRecord{}
		id := k.seed(value, idle, 0)
		if v, err := k.Update(k.request(id), named("x")); err != nil || v.IdleTimeout != idle {
			t.Errorf("Update() of idle %v = %v, %v", idle, v.IdleTimeout, err)
		}
	}
}
