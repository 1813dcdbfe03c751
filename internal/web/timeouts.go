package web

import (
	"slices"
	"strconv"
	"time"

	"pagesession/internal/page"
)

// longestTimeout is the longest idle timeout that an operator can configure, so
// that no visitor keeps a forgotten session for longer.
const longestTimeout = 30 * 24 * time.Hour

// idleTimeouts are the idle timeouts that a visitor may give a session, in
// rising order: 20, 60 and 200 seconds, the configured one, so that there is
// always a way back, and ten times that, which WCAG 2.2.1 asks for. With the
// default of 20 s these are three. What the absolute timeout would cut short
// (0: there is none) is left out.
func idleTimeouts(configured, absolute time.Duration) []time.Duration {
	all := []time.Duration{20 * time.Second, 60 * time.Second, 200 * time.Second, configured, 10 * configured}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(d time.Duration) bool {
		return d != configured && (d > longestTimeout || absolute > 0 && d > absolute)
	})
}

// inSeconds is a timeout as forms have it: "60".
func inSeconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
}

// timeoutOf returns the timeout that a form asks for.
func timeoutOf(timeouts []time.Duration, seconds string) (time.Duration, bool) {
	return findTimeout(timeouts, func(d time.Duration) bool { return inSeconds(d) == seconds })
}

func findTimeout(timeouts []time.Duration, wanted func(time.Duration) bool) (time.Duration, bool) {
	i := slices.IndexFunc(timeouts, wanted)
	if i < 0 {
		return 0, false
	}
	return timeouts[i], true
}

// A timeoutOption is a button of a form.
type timeoutOption struct {
	Seconds string     // what it sends
	Words   string     // what it says
	Current page.Value // "true" for the one that the session has, else "false"
}

// timeoutOptions are the buttons for a session that has current, which may be
// none.
func (p *localized) timeoutOptions(all []time.Duration, current time.Duration) []timeoutOption {
	options := make([]timeoutOption, len(all))
	for i, d := range all {
		options[i].Seconds, options[i].Words = inSeconds(d), p.Duration(d)
		options[i].Current.SetBool(d == current)
	}
	return options
}
