// Package load sends requests to a server and judges every answer: in a closed
// loop by wrk or its own client, at a fixed rate, or one by one.
package load

import (
	"bytes"
	"errors"
	"fmt"
)

// What the bench looks for in answers. A lost session is answered with status 200 as well.
const (
	CookieName    = "sessionid"
	LiveMarker    = "Your name from the session"
	CreatedMarker = "Session setting up"
)

// expiredMarkers are in the pages that say there is no live session, in lower case.
var expiredMarkers = [...]string{"session has expired", "session has ended", "session ended", "no session"}

// A Verdict is the outcome of one request.
type Verdict int

const (
	Good     Verdict = iota // 200, the marker, and the cookie if one is expected
	Expired                 // 200, with a page that says there is no session
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

// Judge returns the verdict on one answer. A good setCookie begins with want.
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

// Verify checks, before the load, that one of its ids gets a good answer and a made-up id
// gets another: a server could show the page to everyone. It returns the size of a good
// body.
func Verify(l Load) (size int, err error) {
	id := ""
	if len(l.IDs) > 0 {
		id = l.IDs[0]
	}
	v, body, err := Once(l, id)
	if err != nil {
		return 0, err
	}
	if v != Good {
		return 0, fmt.Errorf("check before the load: %s gave no good answer: %.300q", l.URL, body)
	}
	if id == "" {
		return len(body), nil
	}
	v, _, err = Once(l, Strangers(1)[0])
	if err == nil && v == Good {
		err = errors.New("check before the load: the server shows the page for a made-up id")
	}
	return len(body), err
}

// Once sends one request of the load with that id, without a cookie for "", and returns
// the verdict and the body.
func Once(l Load, id string) (Verdict, string, error) {
	conn := Dial(l.URL)
	defer conn.Close()
	if _, err := conn.Get(l.URL[len(conn.base):], id); err != nil {
		return NoAnswer, "", fmt.Errorf("no answer from %s: %w", l.URL, err)
	}
	return conn.Judge(l.Expect), string(conn.Answer.Body()), nil
}
