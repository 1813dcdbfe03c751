package console

import (
	"html/template"
	"strconv"
	"time"

	"pagesession/internal/page"
	"pagesession/internal/text"
)

// funcs are what the templates can call.
func (s *console) funcs() template.FuncMap {
	return template.FuncMap{
		"date":   s.date,
		"iso":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"zone":   func() string { return s.TimeZone.String() },
		"ms":     page.Millis,
		"words":  inWords,
		"left":   func(d time.Duration) string { return inWords(time.Duration(page.Seconds(d)) * time.Second) },
		"why":    whyEnded,
		"count":  text.Number[int],
		"many":   text.Number[uint32],
		"plural": text.Plural[int],
	}
}

// date writes an instant in the console's zone; the zero one is "never".
func (s *console) date(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	local := t.In(s.TimeZone)
	return s.english.Date(local) + local.Format(" MST")
}

// inWords writes a duration in its largest unit or two, from two days on in days.
func inWords(d time.Duration) string {
	if d >= 48*time.Hour {
		return strconv.Itoa(int(d/(24*time.Hour))) + " days"
	}
	return text.ShortDuration(d)
}
