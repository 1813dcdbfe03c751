package web

import (
	"testing"
	"time"
)

func TestDjangoDate(t *testing.T) {
	tests := []struct{ at, plain, seconds string }{
		{"2026-11-22T22:22:05Z", "Nov. 22, 2026, 10:22 p.m.", "Nov. 22, 2026, 10:22:05 p.m."},
		{"2026-11-22T22:14:00Z", "Nov. 22, 2026, 10:14 p.m.", "Nov. 22, 2026, 10:14:00 p.m."},
		{"2026-11-22T22:00:00Z", "Nov. 22, 2026, 10 p.m.", "Nov. 22, 2026, 10 p.m."},
		{"2026-11-22T22:00:05Z", "Nov. 22, 2026, 10 p.m.", "Nov. 22, 2026, 10:00:05 p.m."},
		{"2026-11-22T10:00:00Z", "Nov. 22, 2026, 10 a.m.", "Nov. 22, 2026, 10 a.m."},
		{"2026-11-22T12:00:00Z", "Nov. 22, 2026, noon", "Nov. 22, 2026, noon"},
		{"2026-11-22T12:00:01Z", "Nov. 22, 2026, noon", "Nov. 22, 2026, 12:00:01 p.m."},
		{"2026-11-22T12:30:00Z", "Nov. 22, 2026, 12:30 p.m.", "Nov. 22, 2026, 12:30:00 p.m."},
		{"2026-11-22T00:00:00Z", "Nov. 22, 2026, midnight", "Nov. 22, 2026, midnight"},
		{"2026-11-22T00:00:59Z", "Nov. 22, 2026, midnight", "Nov. 22, 2026, 12:00:59 a.m."},
		{"2026-11-22T00:05:09Z", "Nov. 22, 2026, 12:05 a.m.", "Nov. 22, 2026, 12:05:09 a.m."},
		{"2026-01-01T01:02:03Z", "Jan. 1, 2026, 1:02 a.m.", "Jan. 1, 2026, 1:02:03 a.m."},
		{"2026-02-28T11:59:59Z", "Feb. 28, 2026, 11:59 a.m.", "Feb. 28, 2026, 11:59:59 a.m."},
		{"2026-03-01T13:00:00Z", "March 1, 2026, 1 p.m.", "March 1, 2026, 1 p.m."},
		{"2026-04-09T09:09:09Z", "April 9, 2026, 9:09 a.m.", "April 9, 2026, 9:09:09 a.m."},
		{"2026-05-31T23:59:59Z", "May 31, 2026, 11:59 p.m.", "May 31, 2026, 11:59:59 p.m."},
		{"2026-06-01T12:01:00Z", "June 1, 2026, 12:01 p.m.", "June 1, 2026, 12:01:00 p.m."},
		{"2026-07-04T04:00:00Z", "July 4, 2026, 4 a.m.", "July 4, 2026, 4 a.m."},
		{"2026-08-15T15:15:15Z", "Aug. 15, 2026, 3:15 p.m.", "Aug. 15, 2026, 3:15:15 p.m."},
		{"2026-09-30T20:20:20Z", "Sept. 30, 2026, 8:20 p.m.", "Sept. 30, 2026, 8:20:20 p.m."},
		{"2026-10-10T10:10:10Z", "Oct. 10, 2026, 10:10 a.m.", "Oct. 10, 2026, 10:10:10 a.m."},
		{"2026-12-31T23:00:00Z", "Dec. 31, 2026, 11 p.m.", "Dec. 31, 2026, 11 p.m."},
		{"2026-11-23T01:22:05+03:00", "Nov. 22, 2026, 10:22 p.m.", "Nov. 22, 2026, 10:22:05 p.m."},
	}
	for _, tt := range tests {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := djangoDate(at, false); got != tt.plain {
			t.Errorf("djangoDate(%s, false) = %q; want %q", tt.at, got, tt.plain)
		}
		if got := djangoDate(at, true); got != tt.seconds {
			t.Errorf("djangoDate(%s, true) = %q; want %q", tt.at, got, tt.seconds)
		}
	}
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
		c := newClock(view)
		if c.RemainingMS != tt.ms || c.Seconds != tt.seconds || c.Left != tt.words || c.Arc != tt.arc {
			t.Errorf("newClock(%v of %v) = %+v; want %v", tt.left, tt.idle, *c, tt)
		}
	}
	never := liveView("x")
	never.Remaining = 0
	if c := newClock(never); c != nil {
		t.Errorf("newClock(no end) = %+v; want nil", *c)
	}
	if c := newClock(endedView(0)); c != nil {
		t.Errorf("newClock(ended) = %+v; want nil", *c)
	}
}

func TestInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second: "1 second", 20 * time.Second: "20 seconds", time.Minute: "60 seconds",
		90 * time.Second: "90 seconds", 2 * time.Minute: "2 minutes", time.Hour: "1 hour", 12 * time.Hour: "12 hours",
		1500 * time.Millisecond: "2 seconds",
	} {
		if got := inWords(d); got != want {
			t.Errorf("inWords(%v) = %q; want %q", d, got, want)
		}
	}
}
