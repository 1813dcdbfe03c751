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
		left, idle       time.Duration
		ms, number, unit string
	}{
		{20 * time.Second, 20 * time.Second, "20000", "20", "seconds left"},
		{19999 * time.Millisecond, 20 * time.Second, "19999", "20", "seconds left"},
		{time.Second, 20 * time.Second, "1000", "1", "second left"},
		{time.Second + 1, 20 * time.Second, "1001", "2", "seconds left"},
		{1, 20 * time.Second, "1", "1", "second left"},
		{30 * time.Second, 20 * time.Second, "30000", "30", "seconds left"},
		{time.Hour, 0, "3600000", "1 h 00 min", "left"},
		{1799 * time.Second, time.Hour, "1799000", "29:59", "left"},
		{720*time.Hour - 1, 720 * time.Hour, "2592000000", "30 d", "left"},
	}
	for _, tt := range tests {
		view := liveView("x")
		view.Remaining, view.IdleTimeout = tt.left, tt.idle
		c := english(t).clock(view)
		if got := []string{c.RemainingMS.String(), c.Number.String(), c.Unit.String()}; !slices.Equal(got, []string{tt.ms, tt.number, tt.unit}) {
			t.Errorf("clock(%v of %v) = %q; want %v", tt.left, tt.idle, got, tt)
		}
		if long := c.Size.String() == "long"; long != (len(tt.number) > 3) {
			t.Errorf("the class of %q is %q", tt.number, c.Size)
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
