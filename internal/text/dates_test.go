package text

import (
	"testing"
	"time"
)

// English dates are Django's "N j, Y, P", with seconds.
func TestAppendDate_English(t *testing.T) {
	english := mustLoad(t, English)
	for _, tt := range []struct{ at, want string }{
		{"2026-11-22T22:22:05Z", "Nov. 22, 2026, 10:22:05 p.m."},
		{"2026-11-22T22:14:00Z", "Nov. 22, 2026, 10:14:00 p.m."},
		{"2026-11-22T22:00:00Z", "Nov. 22, 2026, 10 p.m."},
		{"2026-11-22T22:00:05Z", "Nov. 22, 2026, 10:00:05 p.m."},
		{"2026-11-22T10:00:00Z", "Nov. 22, 2026, 10 a.m."},
		{"2026-11-22T12:00:00Z", "Nov. 22, 2026, noon"},
		{"2026-11-22T12:00:01Z", "Nov. 22, 2026, 12:00:01 p.m."},
		{"2026-11-22T12:30:00Z", "Nov. 22, 2026, 12:30:00 p.m."},
		{"2026-11-22T00:00:00Z", "Nov. 22, 2026, midnight"},
		{"2026-11-22T00:00:59Z", "Nov. 22, 2026, 12:00:59 a.m."},
		{"2026-11-22T00:05:09Z", "Nov. 22, 2026, 12:05:09 a.m."},
		{"2026-01-01T01:02:03Z", "Jan. 1, 2026, 1:02:03 a.m."},
		{"2026-02-28T11:59:59Z", "Feb. 28, 2026, 11:59:59 a.m."},
		{"2026-03-01T13:00:00Z", "March 1, 2026, 1 p.m."},
		{"2026-04-09T09:09:09Z", "April 9, 2026, 9:09:09 a.m."},
		{"2026-05-31T23:59:59Z", "May 31, 2026, 11:59:59 p.m."},
		{"2026-06-01T12:01:00Z", "June 1, 2026, 12:01:00 p.m."},
		{"2026-07-04T04:00:00Z", "July 4, 2026, 4 a.m."},
		{"2026-08-15T15:15:15Z", "Aug. 15, 2026, 3:15:15 p.m."},
		{"2026-09-30T20:20:20Z", "Sept. 30, 2026, 8:20:20 p.m."},
		{"2026-10-10T10:10:10Z", "Oct. 10, 2026, 10:10:10 a.m."},
		{"2026-12-31T23:00:00Z", "Dec. 31, 2026, 11 p.m."},
	} {
		if got := string(english.AppendDate(nil, at(t, tt.at))); got != tt.want {
			t.Errorf("AppendDate(%s) = %q; want %q", tt.at, got, tt.want)
		}
	}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func mustLoad(t testing.TB, tag string) *Language {
	t.Helper()
	l, err := Load(tag)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
