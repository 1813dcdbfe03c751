package web

import (
	"strconv"
	"time"

	"pagesession/internal/session"
	"pagesession/internal/text"
)

// clock is what a page shows of the time that is left, as text: html/template
// escapes a string much faster than a number. clock.js counts on from it.
type clock struct {
	RemainingMS, IdleMS string
	AbsoluteMS          string // until it ends whatever is done; "": never
	Seconds, Unit       string // 17; seconds left
	Left                string // 17 seconds
	Arc                 string // percent of the idle timeout, for the ring
	Ends, Zone, EndsISO string // Nov. 22, 2026, 10:22:05 p.m.; UTC; 2026-11-22T22:22:05Z
	After               string // 18: seconds after which it is over for certain
}

// clockValues is the number of a clock's values.
const clockValues = 11

// hasClock tells whether there is an end to count down to.
func hasClock(view session.View) bool { return view.Live() && view.Remaining > 0 }

// addClock adds a clock's values in the order of its fields.
func (v *values) addClock(e *edition, view session.View) {
	whole := view.IdleTimeout
	if whole <= 0 {
		whole = view.Remaining
	}
	seconds := wholeSeconds(view.Remaining)
	v.addInt(millis(view.Remaining))
	v.addInt(millis(whole))
	if view.AbsoluteRemaining > 0 {
		v.text = strconv.AppendInt(v.text, millis(view.AbsoluteRemaining), 10)
	}
	v.endPlain()
	v.addInt(seconds)
	v.addCounted(e.secondsLeft, seconds)
	v.addCounted(e.seconds, seconds)
	v.addInt(min(100, int64(100*view.Remaining/whole)))
	end := e.moment(view.Expires)
	v.add(end.date)
	v.add(end.zone)
	v.addPlain(end.iso)
	v.addInt(seconds + 1)
}

func (v *values) addInt(n int64) {
	v.text = strconv.AppendInt(v.text, n, 10)
	v.endPlain()
}

func (v *values) addCounted(unit text.Counted, n int64) {
	v.text = unit.Append(v.text, n)
	v.end()
}

// newClock returns the clock of a live session, or nil for one that never ends.
func (e *edition) newClock(view session.View) *clock {
	if !hasClock(view) {
		return nil
	}
	var v values
	v.addClock(e, view)
	texts := make([]string, clockValues)
	for i := range texts {
		texts[i] = string(v.get(i))
	}
	return clockOf(texts)
}

func clockOf(v []string) *clock {
	return &clock{RemainingMS: v[0], IdleMS: v[1], AbsoluteMS: v[2], Seconds: v[3], Unit: v[4], Left: v[5],
		Arc: v[6], Ends: v[7], Zone: v[8], EndsISO: v[9], After: v[10]}
}

// millis rounds up: when a count made of it has run down, the session is over,
// not about to be.
func millis(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}

func wholeSeconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}

// inWords says a timeout in prose, in the largest unit that it is a multiple of.
func (e *edition) inWords(d time.Duration) string {
	switch {
	case d >= time.Hour && d%time.Hour == 0:
		return string(e.hours.Append(nil, int64(d/time.Hour)))
	case d > time.Minute && d%time.Minute == 0:
		return string(e.minutes.Append(nil, int64(d/time.Minute)))
	default:
		return string(e.seconds.Append(nil, wholeSeconds(d)))
	}
}
