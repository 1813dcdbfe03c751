package web

import (
	"slices"
	"strconv"
	"time"
)

// longestChoice is the longest idle timeout that an operator can configure, so
// that no visitor keeps a forgotten session for longer.
const longestChoice = 30 * 24 * time.Hour

// idleChoices are the idle timeouts that a visitor may give a session, in
// rising order: 20, 60 and 200 seconds, the configured one, so that there is
// always a way back, and ten times that, which WCAG 2.2.1 asks for. With the
// default of 20 s these are three. What the absolute timeout would cut short
// (0: there is none) is no choice.
func idleChoices(configured, absolute time.Duration) []time.Duration {
	all := []time.Duration{20 * time.Second, 60 * time.Second, 200 * time.Second, configured, 10 * configured}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(d time.Duration) bool {
		return d != configured && (d > longestChoice || absolute > 0 && d > absolute)
	})
}

// inSeconds is a choice as forms have it: "60".
func inSeconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
}

// choiceOf returns the choice that a form asks for.
func choiceOf(choices []time.Duration, seconds string) (time.Duration, bool) {
	i := slices.IndexFunc(choices, func(d time.Duration) bool { return inSeconds(d) == seconds })
	if i < 0 {
		return 0, false
	}
	return choices[i], true
}

// A choice is a button of a form.
type choice struct {
	Seconds string // what it sends
	Words   string // what it says
	Current string // "true" for the one that the session has, else "false"
}

// addChoices adds what differs between one session's buttons and another's.
func (v *values) addChoices(all []time.Duration, current time.Duration) {
	for _, d := range all {
		v.text = strconv.AppendBool(v.text, d == current)
		v.endPlain()
	}
}

// choices are the buttons for a session that has current, which may be none.
func (e *edition) choices(all []time.Duration, current time.Duration) []choice {
	buttons := make([]choice, len(all))
	for i, d := range all {
		buttons[i] = choice{inSeconds(d), e.inWords(d), strconv.FormatBool(d == current)}
	}
	return buttons
}
