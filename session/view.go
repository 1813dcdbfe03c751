package session

import (
	"time"

	"pagesession/storage/record"
)

// A View is a visitor's session at one instant. You can keep it after the handler
// has returned. The durations and Expires are zero unless State is Live. In Django,
// IdleTimeout is get_session_cookie_age, Remaining is get_expiry_age, and Expires is
// get_expiry_date.
type View struct {
	State  record.State
	Reason record.Reason // why it ended, if that is known
	Values Values        // empty unless State is Live

	Age               time.Duration // since the session was created
	IdleTimeout       time.Duration // the time that each refresh gives; 0: no idle timeout
	Remaining         time.Duration // until it ends if it is not extended; 0: it never ends
	AbsoluteRemaining time.Duration // until the absolute timeout; 0: there is none
	Expires           time.Time     // when it ends, by the wall clock, in UTC; zero: never
	Cookie            bool          // whether a session cookie came with the request, good or bad
}

// Live reports whether the session can be used.
func (v View) Live() bool { return v.State == record.Live }
