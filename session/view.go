package session

import (
	"time"

	"pagesession/storage/record"
)

// A View is a visitor's session at one instant. You can keep it after the
// handler has returned. The durations and Expires are zero unless State is
// Live. In Django, IdleTimeout is get_session_cookie_age, Remaining is
// get_expiry_age, and Expires is get_expiry_date.
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
