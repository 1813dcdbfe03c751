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
	Cookie            bool          // whether a cookie with the form of a session id came with the request

	// Ambiguous reports that the request brought the cookies of several live sessions.
	// The server cannot tell which one is the visitor's, so none counts and State is
	// None. Say so, and that Start makes a new one.
	Ambiguous bool
}

// WhySeveral is the answer of Why for a View that is Ambiguous.
const WhySeveral = "several"

// Why returns in a word why the session ended, or WhySeveral if none counts; "" if
// neither is known. It is for scripts and links.
func (v View) Why() string {
	if v.Ambiguous {
		return WhySeveral
	}
	return v.Reason.String()
}

// Live reports whether the session can be used.
func (v View) Live() bool { return v.State == record.Live }
