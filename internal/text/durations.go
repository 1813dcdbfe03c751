package text

import (
	"strconv"
	"time"
)

// Duration writes a timeout in prose, in the largest unit that it is a multiple
// of: "20 seconds", "90 seconds", "2 minutes". It rounds up to whole seconds.
func (l *Language) Duration(d time.Duration) string {
	key, n := "unit.seconds", int64((d+time.Second-1)/time.Second)
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		key, n = "unit.hours", int64(d/time.Hour)
	case d > time.Minute && d%time.Minute == 0:
		key, n = "unit.minutes", int64(d/time.Minute)
	}
	return l.T(key, n)
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
