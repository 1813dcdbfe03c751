// Package load puts requests on a server and judges every answer: in a closed
// loop, with wrk or a client of its own, at a fixed rate, or one by one.
package load

import (
	"bytes"
	"errors"
	"fmt"
)

// What the bench looks for. The answer to a lost session has status 200 too.
const (
	CookieName    = "sessionid"
	LiveMarker    = "Your name from the session"
	CreatedMarker = "Session setting up"
)

// expiredMarkers are what servers say, in lower case, when they find no live session.
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

// Judge sorts one answer, whose Set-Cookie header of the session begins with want.
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

// Verify checks before the load that an id of it gets a good answer and a made-up id
// does not, for a server could show the page to everyone. size is a good body's.
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
		return 0, fmt.Errorf("before the load, %s gave no good answer but: %.300q", l.URL, body)
	}
	if id == "" {
		return len(body), nil
	}
	v, _, err = Once(l, Strangers(1)[0])
	if err == nil && v == Good {
		err = errors.New("the server serves an id that no server issued: its sessions prove nothing")
	}
	return len(body), err
}

// Once sends one request of the load with that id, or with none.
func Once(l Load, id string) (Verdict, string, error) {
	conn := Dial(l.URL)
	defer conn.Close()
	if _, err := conn.Get(l.URL[len(conn.base):], id); err != nil {
		return NoAnswer, "", fmt.Errorf("%s gave no answer: %w", l.URL, err)
	}
	return conn.Judge(l.Expect), string(conn.Answer.Body()), nil
}
