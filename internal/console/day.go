package console

import "time"

// dayBegins returns the first instant of a calendar day in a zone. The clock of some zones
// jumps over midnight (America/Santiago in September), shows it twice (America/Havana in
// November), or leaves a whole day out (Pacific/Apia on 2011-12-30), which then begins with
// the next one. time.Date may return an instant of another day for such a midnight.
func dayBegins(year int, month time.Month, day int, zone *time.Location) time.Time {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	before, after := midnight.Add(-36*time.Hour).In(zone), midnight.Add(36*time.Hour).In(zone)
	_, jump := before.ZoneBounds()
	_, offsetBefore := before.Zone()
	_, offsetAfter := after.Zone()
	first := after
	for _, at := range []time.Time{
		midnight.Add(-time.Duration(offsetBefore) * time.Second), midnight.Add(-time.Duration(offsetAfter) * time.Second), jump,
	} {
		if at = at.In(zone); at.Before(first) && !dateOf(at).Before(midnight) {
			first = at
		}
	}
	return first
}

// dateOf returns the date that a clock shows, as a midnight in UTC.
func dateOf(at time.Time) time.Time {
	year, month, day := at.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
