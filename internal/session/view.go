package session

import (
	"time"

	"pagesession/storage/record"
)

// A View is one look at a visitor's session, taken at one instant. It stays
// true and readable after the handler has returned. The durations and Expires
// are zero unless State is Live. Where the original has functions:
// get_session_cookie_age is IdleTimeout, get_expiry_age is Remaining,
// get_expiry_date is Expires.
type View struct {
	State  record.State
	Reason record.Reason // why it ended, when that is known
	Values Values        // empty unless State is Live

	Age               time.Duration // since the session was created
	IdleTimeout       time.Duration // what every refresh grants; 0: never idles out
	Remaining         time.Duration // until it ends unless refreshed; 0: never ends
	AbsoluteRemaining time.Duration // until it ends whatever is done; 0: never
	Expires           time.Time     // wall clock, UTC, of the end; zero: never ends
	Cookie            bool          // the request carried a cookie of this name, good or bad
}

// Live reports whether the session can be used.
func (v View) Live() bool { return v.State == record.Live }

// Values are a session's decoded values. They are shared between requests
// and are never changed in place; Update makes new ones.
type Values []Value

// A Value is one named value of a session.
type Value struct {
	Name string
	Data any

	text string // Data once more when it is a string, one look in memory nearer
}

// Get returns the value of that name, or nil when there is none.
func (v Values) Get(name string) any {
	for i := range v {
		if v[i].Name == name {
			return v[i].Data
		}
	}
	return nil
}

// String returns the value of that name when it is a string, else "".
func (v Values) String(name string) string {
	for i := range v {
		if v[i].Name != name {
			continue
		}
		if v[i].text != "" {
			return v[i].text
		}
		s, _ := v[i].Data.(string)
		return s
	}
	return ""
}
