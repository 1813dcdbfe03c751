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

// newClock returns the clock of a live session, or nil for one that never ends.
func newClock(view session.View) *clock {
	if !view.Live() || view.Remaining <= 0 {
		return nil
	}
	whole := view.IdleTimeout
	if whole <= 0 {
		whole = view.Remaining
	}
	n := wholeSeconds(view.Remaining)
	return &clock{
		RemainingMS: strconv.FormatInt(millis(view.Remaining), 10),
		IdleMS:      strconv.FormatInt(millis(whole), 10),
		Seconds:     strconv.FormatInt(n, 10),
		Left:        counted(n, "second"),
		Arc:         strconv.FormatInt(min(100, int64(100*view.Remaining/whole)), 10),
		Ends:        djangoDate(view.Expires, true),
		EndsISO:     view.Expires.UTC().Format(time.RFC3339),
	}
}

// millis rounds up: when a count made of it has run down, the session is over,
// not about to be.
func millis(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}

func wholeSeconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}

func counted(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.FormatInt(n, 10) + " " + unit + "s"
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
