package console

import (
	"testing"
	"time"
)

// A day begins at the first minute whose date is that day, or a later one. The test looks at
// the days around each change of a zone's clocks in forty years.
func TestDayBegins(t *testing.T) {
	for _, name := range []string{
		"UTC", "Europe/Berlin", "America/Santiago", "America/Asuncion", "America/Havana", "America/St_Johns", "America/Sao_Paulo", "Africa/Cairo",
		"Asia/Beirut", "Asia/Gaza", "Asia/Tehran", "Asia/Amman", "Atlantic/Azores", "America/Scoresbysund", "Australia/Lord_Howe", "Pacific/Apia",
		"Pacific/Kwajalein", "Asia/Kathmandu", "Antarctica/Troll",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		changed := time.Date(1990, time.January, 1, 0, 0, 0, 0, zone)
		for changed.Year() < 2030 {
			daysBegin(t, zone, changed)
			if _, changed = changed.ZoneBounds(); changed.IsZero() {
				break
			}
		}
	}
}

// daysBegin checks two days before an instant and two after it.
func daysBegin(t *testing.T, zone *time.Location, around time.Time) {
	t.Helper()
	at := around.Add(-60 * time.Hour).Truncate(time.Minute)
	for latest := dateOf(at.In(zone)); at.Before(around.Add(60 * time.Hour)); at = at.Add(time.Minute) {
		for ; latest.Before(dateOf(at.In(zone))); latest = latest.AddDate(0, 0, 1) {
			day := latest.AddDate(0, 0, 1)
			if got := dayBegins(day.Year(), day.Month(), day.Day(), zone); !got.Equal(at) {
				t.Errorf("%s in %s begins at %s; want %s", day.Format(time.DateOnly), zone, got, at.In(zone))
			}
		}
	}
}
