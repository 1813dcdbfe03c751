// Package load puts requests on a server and judges every answer: in a closed
// loop, with wrk or a client of its own, at a fixed rate, or one by one.
package load

import (
	"bytes"
	"fmt"
)

// What the bench looks for in answers. A lost session is answered with 200,
// as in the original, so the status alone proves nothing: a server that lost
// every session would look like a fast one.
const (
	CookieName    = "sessionid"
	LiveMarker    = "Your name from the session"
	CreatedMarker = "Session setting up"
)

// expiredMarkers are the sentences, in lower case, by which a server says
// that it found no live session.
var expiredMarkers = [...]string{"session has expired", "session has ended", "no session"}

// A Verdict is what one request is worth.
type Verdict int

const (
	Good     Verdict = iota // 200, the marker, the cookie where one is due
	Expired                 // 200, and the page says that there is no session
	Wrong                   // any other answer
	NoAnswer                // refused, broken off or timed out
)

// An Expectation says what a good answer is.
type Expectation struct {
	Marker string // the body contains it
	Cookie bool   // the answer sets the session cookie
}

// Live expects the page of a live session and its cookie.
func Live() Expectation { return Expectation{Marker: LiveMarker, Cookie: true} }

// Judge sorts one answer. setCookie is the session's Set-Cookie header as it
// came; want is what it begins with, "sessionid=" or that with the id. An
// answer that shows the page but lets the cookie die is wrong.
func (e Expectation) Judge(status int, body, setCookie, want []byte) Verdict {
	if status != 200 {
		return Wrong
	}
	if bytes.Contains(body, []byte(e.Marker)) {
		if e.Cookie && !bytes.HasPrefix(setCookie, want) {
			return Wrong
		}
		return Good
	}
	lower := bytes.ToLower(body)
	for _, marker := range expiredMarkers {
		if bytes.Contains(lower, []byte(marker)) {
			return Expired
		}
	}
	return Wrong
}

// Counts is how many requests ended with which verdict.
type Counts struct {
	Good    int64 `json:"good"`
	Expired int64 `json:"expired"`
	Wrong   int64 `json:"wrong"`
	Errors  int64 `json:"errors"`
}

// Count adds one request.
func (c *Counts) Count(v Verdict) {
	switch v {
	case Good:
		c.Good++
	case Expired:
		c.Expired++
	case Wrong:
		c.Wrong++
	case NoAnswer:
		c.Errors++
	}
}

// Add adds the requests of another.
func (c *Counts) Add(o Counts) {
	c.Good, c.Expired, c.Wrong, c.Errors = c.Good+o.Good, c.Expired+o.Expired, c.Wrong+o.Wrong, c.Errors+o.Errors
}

// Answered is how many requests got an answer, right or not.
func (c Counts) Answered() int64 { return c.Good + c.Expired + c.Wrong }

// Failed is how many requests were not answered rightly.
func (c Counts) Failed() int64 { return c.Expired + c.Wrong + c.Errors }

// Flawless reports whether there were requests and all were answered rightly.
func (c Counts) Flawless() bool { return c.Good > 0 && c.Failed() == 0 }

func (c Counts) String() string {
	return fmt.Sprintf("%d good, %d errors, %d expired, %d wrong", c.Good, c.Errors, c.Expired, c.Wrong)
}
