package web

import (
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"pagesession/internal/page"
	"pagesession/session"
)

// clock is the time left as a page shows it, for <session-clock> to count on from.
type clock struct {
	page.Clock
	Number, Unit page.Value // 17, seconds left; or 29:58, left
	Size         page.Value // the class of the number: "long", or none
	Ends, Zone   page.Value // Nov. 22, 2026, 10:22:05 p.m.; UTC
	EndsISO      page.Value // 2026-11-22T22:22:05Z
	After        page.Value // 18: seconds after which the session has expired for certain
}

// hasClock reports whether there is an end to count down to.
func hasClock(view session.View) bool { return view.Live() && view.Remaining > 0 }

// clock returns the clock of a live session, or nil for one that never ends.
func (p *localized) clock(view session.View) *clock { return p.setClock(new(clock), view) }

// setClock is clock with the memory of an earlier one.
func (p *localized) setClock(c *clock, view session.View) *clock {
	if !hasClock(view) {
		return nil
	}
	whole, seconds := view.IdleTimeout, page.Seconds(view.Remaining)
	if whole <= 0 {
		whole = view.Remaining
	}
	c.Set(view.Remaining, whole, view.AbsoluteRemaining)
	left := p.timeLeft(seconds)
	c.Number.Set(left.number)
	c.Unit.Set(left.unit)
	c.Size.Set(left.size)
	end := p.moment(view.Expires)
	c.Ends.Set(end.date)
	c.Zone.Set(end.zone)
	c.EndsISO.Set(end.iso)
	c.After.SetInt(seconds + 1)
	return c
}

// A timeLeft is a number of seconds as the ring shows it.
type timeLeft struct {
	seconds            int64
	number, unit, size string
}

// timesLeft are the latest, each in its place. Safe for concurrent use.
type timesLeft [16]atomic.Pointer[timeLeft]

// timeLeft returns the words for some seconds. A refresh gives each session the same time, so
// they are there already.
func (p *localized) timeLeft(seconds int64) *timeLeft {
	place := &p.timesLeft[uint64(seconds)%uint64(len(p.timesLeft))]
	if left := place.Load(); left != nil && left.seconds == seconds {
		return left
	}
	left := &timeLeft{seconds: seconds}
	left.number, left.unit = p.Left(seconds)
	if utf8.RuneCountInString(left.number) > 3 {
		left.size = "long"
	}
	place.Store(left)
	return left
}

// A moment is a second as a page writes it. Thousands of pages show the same one,
// because their sessions end in the same second; it is written once.
type moment struct {
	second     int64
	date, zone string // in the pages' language and zone
	iso        string // RFC 3339, UTC
}

// moments are the latest, each in its second's place. Safe for concurrent use.
type moments [16]atomic.Pointer[moment]

// moment returns the second that t is in.
func (p *localized) moment(t time.Time) *moment {
	place := &p.moments[uint64(t.Unix())%uint64(len(p.moments))]
	if m := place.Load(); m != nil && m.second == t.Unix() {
		return m
	}
	local := t.In(p.zone)
	m := &moment{
		second: t.Unix(),
		date:   p.Date(local),
		zone:   shortZone(local),
		iso:    t.UTC().Format(time.RFC3339),
	}
	place.Store(m)
	return m
}

// shortZone is the short name of t's zone, or its distance from UTC.
func shortZone(t time.Time) string {
	short, _ := t.Zone()
	if strings.HasPrefix(short, "+") || strings.HasPrefix(short, "-") {
		return "UTC" + short
	}
	return short
}
