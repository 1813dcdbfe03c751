package text

import (
	"strings"
	"testing"
	"time"
)

// English dates are Django's "N j, Y, P", with seconds.
func TestDate_English(t *testing.T) {
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
		if got := english.Date(at(t, tt.at)); got != tt.want {
			t.Errorf("Date(%s) = %q; want %q", tt.at, got, tt.want)
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

func TestDate_EachLanguage(t *testing.T) {
	for _, tt := range []struct{ tag, at, want string }{
		{"de", "2026-11-22T22:22:05Z", "22. November 2026, 22:22:05"},
		{"de", "2026-03-01T00:00:00Z", "1. März 2026, 00:00:00"},
		{"de", "2026-03-02T09:05:00Z", "2. März 2026, 09:05:00"},
		{"fr", "2026-08-01T12:00:00Z", "1er août 2026 à 12:00:00"},
		{"fr", "2026-12-31T23:59:59Z", "31 décembre 2026 à 23:59:59"},
		{"es", "2026-01-01T09:05:03Z", "1 de enero de 2026, 9:05:03"},
		{"es", "2026-09-11T00:00:00Z", "11 de septiembre de 2026, 0:00:00"},
		{"hi", "2026-02-22T22:22:05Z", "22 फ़रवरी 2026, 10:22:05 pm"},
		{"hi", "2026-10-01T00:00:00Z", "1 अक्टूबर 2026, 12:00:00 am"},
		{"hi", "2026-10-01T12:00:00Z", "1 अक्टूबर 2026, 12:00:00 pm"},
	} {
		if got := mustLoad(t, tt.tag).Date(at(t, tt.at)); got != tt.want {
			t.Errorf("%s: Date(%s) = %q; want %q", tt.tag, tt.at, got, tt.want)
		}
	}
}

func TestLoadDates_Refuses(t *testing.T) {
	const good = `{"date": "{day} {time}", "date.time": "{hour}", "date.hour": "{hour}", "date.noon": "n", "date.midnight": "m", "date.am": "a", "date.pm": "p", "date.first": "1", "date.months": "1 2 3 4 5 6 7 8 9 10 11 12"}`
	for _, tt := range []struct{ old, new, want string }{
		{"", "", ""},
		{` 12"`, `"`, "11 months"},
		{`"date.time": "{hour}"`, `"date.time": "{time}"`, "a time inside a time"},
		{`"date.noon": "n", `, ``, "date.noon"},
		{`"n"`, `"{clock}"`, "{clock} is no argument"},
	} {
		_, err := Parse("en", []byte(strings.Replace(good, tt.old, tt.new, 1)), nil)
		if (tt.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("with %q: %v; want %q", tt.new, err, tt.want)
		}
	}
}
