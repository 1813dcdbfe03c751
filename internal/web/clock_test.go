package web

import (
	"testing"
	"time"

	"pagesession/internal/assets"
	"pagesession/internal/text"
)

// english returns the edition that the goldens are in, without its pages.
func english(t *testing.T) *edition {
	t.Helper()
	l, err := text.Load(text.English)
	if err != nil {
		t.Fatal(err)
	}
	files, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	e, err := newEdition(l, files, 20*time.Second, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestNewClock(t *testing.T) {
	tests := []struct {
		left, idle         time.Duration
		ms, seconds, words string
		arc                string
	}{
		{20 * time.Second, 20 * time.Second, "20000", "20", "20 seconds", "100"},
		{19999 * time.Millisecond, 20 * time.Second, "19999", "20", "20 seconds", "99"},
		{time.Second, 20 * time.Second, "1000", "1", "1 second", "5"},
		{time.Second + 1, 20 * time.Second, "1001", "2", "2 seconds", "5"},
		{1, 20 * time.Second, "1", "1", "1 second", "0"},
		{30 * time.Second, 20 * time.Second, "30000", "30", "30 seconds", "100"},
		{time.Hour, 0, "3600000", "3600", "3600 seconds", "100"},
	}
	for _, tt := range tests {
		view := liveView("x")
		view.Remaining, view.IdleTimeout = tt.left, tt.idle
		c := english(t).newClock(view)
		if c.RemainingMS != tt.ms || c.Seconds != tt.seconds || c.Left != tt.words || c.Arc != tt.arc {
			t.Errorf("newClock(%v of %v) = %+v; want %v", tt.left, tt.idle, *c, tt)
		}
		if (c.Seconds == "1") != (c.Unit == "second left") {
			t.Errorf("newClock(%v) says %q %q", tt.left, c.Seconds, c.Unit)
		}
	}
	never := liveView("x")
	never.Remaining = 0
	if c := english(t).newClock(never); c != nil {
		t.Errorf("newClock(no end) = %+v; want nil", *c)
	}
	if c := english(t).newClock(endedView(0)); c != nil {
		t.Errorf("newClock(ended) = %+v; want nil", *c)
	}
}

func TestInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second: "1 second", 20 * time.Second: "20 seconds", time.Minute: "60 seconds",
		90 * time.Second: "90 seconds", 2 * time.Minute: "2 minutes", time.Hour: "1 hour", 12 * time.Hour: "12 hours",
		1500 * time.Millisecond: "2 seconds",
	} {
		if got := english(t).inWords(d); got != want {
			t.Errorf("inWords(%v) = %q; want %q", d, got, want)
		}
	}
}
