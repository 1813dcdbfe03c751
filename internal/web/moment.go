package web

import (
	"strings"
	"sync/atomic"
	"time"
)

// A moment is a second as a page writes it. Sessions that are refreshed within
// the same second, and live equally long, end in the same: thousands of pages
// show one moment, which is written once.
type moment struct {
	second     int64
	date, zone string // in the pages' language and zone
	iso        string // RFC 3339, UTC
}

// moments are the ones that were wanted last, each in the place that its second
// has. Safe for concurrent use; who loses a race has written one in vain.
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

// shortZone is the short name of t's zone. Many have none but their distance
// from UTC, as in "+0545".
func shortZone(t time.Time) string {
	short, _ := t.Zone()
	if strings.HasPrefix(short, "+") || strings.HasPrefix(short, "-") {
		return "UTC" + short
	}
	return short
}
