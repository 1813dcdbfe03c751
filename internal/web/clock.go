package web

import (
	"strconv"
	"time"

	"pagesession/internal/session"
)

// clock is what a page shows of the time that is left, as text: html/template
// escapes a string much faster than a number. clock.js counts on from it.
type clock struct {
	RemainingMS, IdleMS string
	Seconds             string // 17
	Left                string // 17 seconds
	Arc                 string // percent of the idle timeout, for the ring
	Ends, EndsISO       string
}

// clockValues is the number of a clock's values.
const clockValues = 7

// hasClock tells whether there is an end to count down to.
func hasClock(view session.View) bool { return view.Live() && view.Remaining > 0 }

// addClock adds a clock's values in the order of its fields.
func (v *values) addClock(view session.View) {
	whole := view.IdleTimeout
	if whole <= 0 {
		whole = view.Remaining
	}
	seconds := wholeSeconds(view.Remaining)
	v.addInt(millis(view.Remaining))
	v.addInt(millis(whole))
	v.addInt(seconds)
	v.addSeconds(seconds)
	v.addInt(min(100, int64(100*view.Remaining/whole)))
	v.text = appendDjangoDate(v.text, view.Expires, true)
	v.end()
	v.text = view.Expires.UTC().AppendFormat(v.text, time.RFC3339)
	v.end()
}

func (v *values) addInt(n int64) {
	v.text = strconv.AppendInt(v.text, n, 10)
	v.end()
}

func (v *values) addSeconds(n int64) {
	v.text = appendCounted(v.text, n, "second")
	v.end()
}

// newClock returns the clock of a live session, or nil for one that never ends.
func newClock(view session.View) *clock {
	if !hasClock(view) {
		return nil
	}
	var v values
	v.addClock(view)
	texts := make([]string, clockValues)
	for i := range texts {
		texts[i] = string(v.get(i))
	}
	return clockOf(texts)
}

func clockOf(v []string) *clock {
	return &clock{RemainingMS: v[0], IdleMS: v[1], Seconds: v[2], Left: v[3], Arc: v[4], Ends: v[5], EndsISO: v[6]}
}

// millis rounds up: when a count made of it has run down, the session is over,
// not about to be.
func millis(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}

func wholeSeconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}

func counted(n int64, unit string) string { return string(appendCounted(nil, n, unit)) }

func appendCounted(b []byte, n int64, unit string) []byte {
	b = strconv.AppendInt(b, n, 10)
	b = append(b, ' ')
	b = append(b, unit...)
	if n != 1 {
		b = append(b, 's')
	}
	return b
}

// inWords says a timeout in prose, in the largest unit that it is a multiple of.
func inWords(d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return counted(int64(d/time.Hour), "hour")
	case d > time.Minute && d%time.Minute == 0:
		return counted(int64(d/time.Minute), "minute")
	default:
		return counted(wholeSeconds(d), "second")
	}
}
