package text

import (
	"strconv"
	"time"
)

// Duration writes a timeout in prose: "20 seconds", "2 minutes", "90 seconds", "5 minutes
// 30 seconds", "29 days 23 hours". It rounds up to whole seconds, and leaves out what is
// smaller than the two units.
func (l *Language) Duration(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return l.inUnits(d, day, "unit.days", time.Hour, "unit.hours")
	case d >= time.Hour:
		return l.inUnits(d, time.Hour, "unit.hours", time.Minute, "unit.minutes")
	case d >= 5*time.Minute, d > time.Minute && d%time.Minute == 0:
		return l.inUnits(d, time.Minute, "unit.minutes", time.Second, "unit.seconds")
	default:
		return l.T("unit.seconds", int64((d+time.Second-1)/time.Second))
	}
}

// inUnits writes a duration in a large unit and a small one, which is left out when it is 0.
func (l *Language) inUnits(d, large time.Duration, largeKey string, small time.Duration, smallKey string) string {
	text := l.T(largeKey, int64(d/large))
	if n := d % large / small; n > 0 {
		text += " " + l.T(smallKey, int64(n))
	}
	return text
}

// Left writes seconds that are left as the clock's ring has room for them, a number and its
// unit: "17" "seconds left", "29:58" "left", "2 h 05 min" "left", "29 d" "left". It writes
// what session/clock.js does.
func (l *Language) Left(seconds int64) (number, unit string) {
	if seconds < 100 {
		return strconv.FormatInt(seconds, 10), l.T("clock.seconds", seconds)
	}
	minutes, hours := seconds/60, seconds/3600
	switch {
	case hours < 1:
		number = strconv.FormatInt(minutes, 10) + ":" + twoDigits(int(seconds%60))
	case hours < 48:
		number = l.T("clock.hours", hours, twoDigits(int(minutes%60)))
	default:
		number = l.T("clock.days", hours/24)
	}
	return number, l.T("clock.left")
}

// ShortDuration writes a duration in English, in its two largest units up to
// days: "1 h 20 min". It rounds down, and a negative one is "0 s".
func ShortDuration(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= day:
		return twoUnits(d, day, "d", time.Hour, "h")
	case d >= time.Hour:
		return twoUnits(d, time.Hour, "h", time.Minute, "min")
	case d >= time.Minute:
		return twoUnits(d, time.Minute, "min", time.Second, "s")
	default:
		return strconv.FormatInt(int64(max(d, 0)/time.Second), 10) + " s"
	}
}

// twoUnits writes a duration in a large unit and the rest in a small one, which
// is left out when it is 0: "1 d 3 h".
func twoUnits(d, large time.Duration, name string, small time.Duration, rest string) string {
	text := strconv.FormatInt(int64(d/large), 10) + " " + name
	if n := d % large / small; n > 0 {
		text += " " + strconv.FormatInt(int64(n), 10) + " " + rest
	}
	return text
}

// An Integer is a number of things.
type Integer interface {
	~int | ~int64 | ~uint32
}

// Number writes a number with a narrow space between its thousands.
func Number[N Integer](n N) string {
	digits := strconv.FormatInt(int64(n), 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	return digits
}

// Plural writes a number of things in English: "1 session", "1 200 sessions".
// Without other the plural is one with an s.
func Plural[N Integer](n N, one string, other ...string) string {
	switch {
	case n == 1:
		return "1 " + one
	case len(other) == 0:
		return Number(n) + " " + one + "s"
	default:
		return Number(n) + " " + other[0]
	}
}
