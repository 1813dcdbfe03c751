package fiberv2_test

import (
	"testing"
	"time"

	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/storage/record"
)

func TestPeek_MovesNothing(t *testing.T) {
	k := newKit(t)
	id := k.start()
	k.store.Advance(12 * time.Second)
	c := k.request(id)
	v := k.Peek(c)
	if !v.Live() || v.Values.String("name") != "Sonam" || !v.Cookie {
		t.Errorf("Peek() = %+v; want a live session of Sonam", v)
	}
	if v.Remaining != 8*time.Second || v.Age != 12*time.Second || v.IdleTimeout != 20*time.Second {
		t.Errorf("Peek() = %v remaining, age %v, idle %v; want 8s, 12s, 20s", v.Remaining, v.Age, v.IdleTimeout)
	}
	if want := epoch.Add(20 * time.Second); !v.Expires.Equal(want) || v.Expires.Location() != time.UTC {
		t.Errorf("Peek().Expires = %v; want %v", v.Expires, want)
	}
	if want := 12*time.Hour - 12*time.Second; v.AbsoluteRemaining != want {
		t.Errorf("Peek().AbsoluteRemaining = %v; want %v", v.AbsoluteRemaining, want)
	}
	wantSent(t, "Peek()", c)
	if n := k.store.called("Refresh"); n != 0 {
		t.Errorf("Peek() refreshed %d times; want 0", n)
	}
}

func TestPeek_NoDeadline(t *testing.T) {
	k := newKit(t)
	id := k.seed(encoded(t, map[string]any{"name": "Sonam"}), 0, 0)
	if v := k.Peek(k.request(id)); !v.Live() || !v.Expires.IsZero() || v.Remaining != 0 {
		t.Errorf("Peek() = %+v; want a live session that never ends", v)
	}
}

func TestRefresh_Slides(t *testing.T) {
	k := newKit(t)
	id := k.start()
	for range 5 {
		k.store.Advance(19 * time.Second)
		if v := k.Refresh(k.request(id)); !v.Live() || v.Remaining != 20*time.Second {
			t.Fatalf("Refresh() = %v, %v remaining; want live, 20s", v.State, v.Remaining)
		}
	}
	k.store.Advance(20 * time.Second)
	c := k.request(id)
	if v := k.Refresh(c); v.State != record.Ended || v.Reason != record.Idle || v.Values.Len() != 0 {
		t.Errorf("Refresh() at its deadline = %+v; want ended, idle", v)
	}
	wantSent(t, "Refresh() at its deadline", c, removal)
}

func TestRefresh_NeverPastAbsolute(t *testing.T) {
	k := newKit(t, func(c *fiberv2.Config) { c.AbsoluteTimeout = 30 * time.Second })
	id := k.start()
	k.store.Advance(15 * time.Second)
	if v := k.Refresh(k.request(id)); v.Remaining != 15*time.Second {
		t.Errorf("Refresh() = %v remaining; want 15s", v.Remaining)
	}
	k.store.Advance(15 * time.Second)
	if v := k.Refresh(k.request(id)); v.Reason != record.Absolute {
		t.Errorf("Refresh() at the absolute timeout: reason %v; want absolute", v.Reason)
	}
}

func TestRefresh_CreatesNothing(t *testing.T) {
	k := newKit(t)
	c := k.request()
	if v := k.Refresh(c); v.State != record.None || v.Cookie {
		t.Errorf("Refresh() without a cookie = %+v; want none", v)
	}
	wantSent(t, "Refresh() without a cookie", c)

	c = k.request("AAAAAAAAAAAAAAAAAAAAAAAAAA")
	if v := k.Refresh(c); v.State != record.None || !v.Cookie {
		t.Errorf("Refresh() of an unknown id = %+v; want none, cookie true", v)
	}
	wantSent(t, "Refresh() of an unknown id", c, removal)
	if n := k.store.called("Create"); n != 0 {
		t.Errorf("sessions created: %d; want 0", n)
	}
}

func TestEnd(t *testing.T) {
	k := newKit(t)
	id := k.start()
	c := k.request(id)
	if err := k.End(c); err != nil {
		t.Fatalf("End() = %v; want nil", err)
	}
	wantSent(t, "End()", c, removal)
	if v := k.Peek(k.request(id)); v.State != record.Ended || v.Reason != record.Deleted {
		t.Errorf("Peek() after End() = %v, %v; want ended, deleted", v.State, v.Reason)
	}
	if err := k.End(k.request(id)); err != nil {
		t.Errorf("second End() = %v; want nil", err)
	}
	c = k.request()
	if err := k.End(c); err != nil {
		t.Errorf("End() without a cookie = %v; want nil", err)
	}
	wantSent(t, "End() without a cookie", c)
}

func TestEnd_StoreError(t *testing.T) {
	k := newKit(t)
	id := k.start()
	k.store.fail["End"] = session.ErrUnavailable
	c := k.request(id)
	k.Refresh(c)
	wantErr(t, "End()", k.End(c), session.ErrUnavailable)
	wantSent(t, "End() with an error", c)
	if v := k.Peek(k.request(id)); !v.Live() {
		t.Errorf("Peek() after a failed End() = %v; want live", v.State)
	}
}
