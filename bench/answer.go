package main

import "bytes"

// What the bench looks for in answers. A lost session is answered with 200,
// as in the original, so the status alone proves nothing: a server that lost
// every session would look like a fast one.
const (
	cookieName    = "sessionid"
	liveMarker    = "Your name from the session"
	createdMarker = "Session setting up"
)

// expiredMarkers are the sentences, in lower case, by which a server says
// that it found no live session.
var expiredMarkers = [...]string{"session has expired", "session has ended", "no session"}

// A verdict is what one answer is worth.
type verdict int

const (
	answerGood    verdict = iota // 200, the marker, the cookie where one is due
	answerExpired                // 200, and the page says that there is no session
	answerWrong                  // anything else
)

// expectation says what a good answer is.
type expectation struct {
	marker string // the body contains it
	cookie bool   // the answer sets the session cookie
}

// judge sorts one answer. setCookie is the session's Set-Cookie header as it
// came; want is what it begins with, "sessionid=" or that with the id. An
// answer that shows the page but lets the cookie die is wrong.
func (e expectation) judge(status int, body, setCookie, want []byte) verdict {
	if status != 200 {
		return answerWrong
	}
	if bytes.Contains(body, []byte(e.marker)) {
		if e.cookie && !bytes.HasPrefix(setCookie, want) {
			return answerWrong
		}
		return answerGood
	}
	return judgeMissing(body)
}

// judgeMissing sorts a 200 without the marker.
func judgeMissing(body []byte) verdict {
	lower := bytes.ToLower(body)
	for _, marker := range expiredMarkers {
		if bytes.Contains(lower, []byte(marker)) {
			return answerExpired
		}
	}
	return answerWrong
}
