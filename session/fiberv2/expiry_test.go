package fiberv2_test

import (
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/session"
	"pagesession/storage/record"
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

func TestUpdate_KeepsTheIdleTimeoutUnlessAsked(t *testing.T) {
	k := newKit(t)
	value := encoded(t, map[string]any{"name": "Sonam"})
	for _, idle := range []time.Duration{0, 500 * time.Millisecond, 48 * time.Hour} {
		id := k.seed(value, idle, 0)
		if v, err := k.Update(k.request(id), named("x")); err != nil || v.IdleTimeout != idle {
			t.Errorf("Update() of idle %v = %v, %v", idle, v.IdleTimeout, err)
		}
	}
}

// A timeout is changed while the session's time runs out. The visitor sees what the
// store says in the end, and never more time.
func TestUpdate_TimeRunsOutMeanwhile(t *testing.T) {
	to := func(d time.Duration) func(*fibersession.Session) error {
		return func(s *fibersession.Session) error { s.SetExpiry(d); return nil }
	}
	for what, tt := range map[string]struct {
		idle, asked   time.Duration
		before, after time.Duration // the time that passes before and after the store's change
		left          time.Duration // 0: it has ended
	}{
		"raised in time":           {20 * time.Second, 200 * time.Second, 19 * time.Second, 30 * time.Second, 170 * time.Second},
		"raised too late":          {20 * time.Second, 200 * time.Second, 20 * time.Second, 0, 0},
		"lowered":                  {200 * time.Second, 20 * time.Second, 30 * time.Second, 0, 20 * time.Second},
		"lowered, and over by now": {200 * time.Second, 20 * time.Second, 0, 20 * time.Second, 0},
	} {
		k := newKit(t)
		id := k.seed(encoded(t, map[string]any{"name": "Sonam"}), tt.idle, time.Hour)
		k.store.before["Replace"] = func() { k.store.Advance(tt.before) }
		k.store.after["Replace"] = func() { k.store.Advance(tt.after) }
		c := k.request(id)
		v, err := k.Update(c, to(tt.asked))
		if tt.left == 0 {
			wantErr(t, what, err, session.ErrEnded)
			wantSent(t, what, c)
			if v.State != record.Ended || v.Reason != record.Idle {
				t.Errorf("%s: %v, %v; want ended, idle", what, v.State, v.Reason)
			}
			continue
		}
		if err != nil || v.IdleTimeout != tt.asked || v.Remaining != tt.left {
			t.Errorf("%s: idle %v, %v left, %v; want %v, %v left", what, v.IdleTimeout, v.Remaining, err, tt.asked, tt.left)
		}
	}
}
