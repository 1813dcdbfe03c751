package web

import (
	"strconv"
	"time"
)

// months as Django's N writes them (the style of the Associated Press).
var months = [...]string{"Jan.", "Feb.", "March", "April", "May", "June",
	"July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."}

// djangoDate writes t in UTC as Django's "N j, Y, P" does, as in
// "Nov. 22, 2026, 10:22 p.m."; with seconds, which Django leaves out, the page
// can show what twenty of them do: "10:22:05 p.m.". A full hour is "10 p.m.",
// twelve o'clock is "noon" or "midnight", in both.
func djangoDate(t time.Time, seconds bool) string {
	return string(appendDjangoDate(nil, t, seconds))
}

func appendDjangoDate(b []byte, t time.Time, seconds bool) []byte {
	t = t.UTC()
	b = append(b, months[t.Month()-1]...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(t.Day()), 10)
	b = append(b, ", "...)
	b = strconv.AppendInt(b, int64(t.Year()), 10)
	b = append(b, ", "...)
	return appendTime(b, t, seconds)
}

func appendTime(b []byte, t time.Time, seconds bool) []byte {
	hour, minute, second := t.Clock()
	second = second * btoi(seconds)
	full := minute == 0 && second == 0
	switch {
	case full && hour == 0:
		return append(b, "midnight"...)
	case full && hour == 12:
		return append(b, "noon"...)
	}
	b = strconv.AppendInt(b, int64((hour+11)%12+1), 10)
	if !full {
		b = appendTwo(b, minute)
		if seconds {
			b = appendTwo(b, second)
		}
	}
	if hour < 12 {
		return append(b, " a.m."...)
	}
	return append(b, " p.m."...)
}

func appendTwo(b []byte, n int) []byte {
	return append(b, ':', byte('0'+n/10), byte('0'+n%10))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
