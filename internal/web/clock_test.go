package web

import (
	"slices"
	"testing"
	"time"

	"pagesession/internal/text"
)

// english returns the pages that the goldens are in.
func english(t *testing.T) *localized {
	t.Helper()
	return pagesIn(t, text.English)
}

func pagesIn(t *testing.T, tag string) *localized {
	t.Helper()
	l, err := text.Load(tag)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{Config: Config{IdleTimeout: 20 * time.Second, TimeZone: time.UTC}, timeouts: idleTimeouts(20*time.Second, 0)}
	p, err := s.localize(l)
	if err != nil {
		t.Fatalf("pages in %q: %v", tag, err)
	}
	return p
}

func TestClock(t *testing.T) {
	tests := []struct {
		left, idle  time.Duration
		ms, seconds string
	}{
		{20 * time.Second, 20 * time.Second, "20000", "20"},
		{19999 * time.Millisecond, 20 * time.Second, "19999", "20"},
		{time.Second, 20 * time.Second, "1000", "1"},
		{time.Second + 1, 20 * time.Second, "1001", "2"},
		{1, 20 * time.Second, "1", "1"},
		{30 * time.Second, 20 * time.Second, "30000", "30"},
		{time.Hour, 0, "3600000", "3600"},
	}
	for _, tt := range tests {
		view := liveView("x")
		view.Remaining, view.IdleTimeout = tt.left, tt.idle
		c := english(t).clock(view)
		if got := []string{c.RemainingMS.String(), c.Seconds.String()}; !slices.Equal(got, []string{tt.ms, tt.seconds}) {
			t.Errorf("clock(%v of %v) = %q; want %v", tt.left, tt.idle, got, tt)
		}
		if (c.Seconds.String() == "1") != (c.Unit.String() == "second left") {
			t.Errorf("clock(%v) says %q %q", tt.left, c.Seconds, c.Unit)
		}
	}
	never := liveView("x")
	never.Remaining = 0
	if c := english(t).clock(never); c != nil {
		t.Errorf("clock(no end) = %+v; want nil", *c)
	}
	if c := english(t).clock(endedView(0)); c != nil {
		t.Errorf("clock(ended) = %+v; want nil", *c)
	}
}
