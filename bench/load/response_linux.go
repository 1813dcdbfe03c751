package load

import (
	"bytes"
	"errors"
)

// An answer is what the open loop needs of an HTTP response. Its slices are
// lent: they are part of what was parsed.
type answer struct {
	status    int
	setCookie []byte // of our cookie, from its name on; nil without one
	body      []byte
	closing   bool // the server will close the connection
}

// How parsing ends without an answer.
var (
	errPartial   = errors.New("there is more of this answer to come")
	errMalformed = errors.New("this is no HTTP/1.1 answer with a Content-Length")
)

// largestAnswer bounds what one answer may take of our memory: the peers'
// pages have a few KiB.
const largestAnswer = 1 << 20

// parseResponse parses data as exactly one response with a length: all that
// the peers send, and all that one request may bring. It is strict: what it
// does not know for sure is malformed, so that no garbage is timed as an
// answer. errPartial says that the beginning is sound so far, or not yet
// ended.
func parseResponse(data []byte) (answer, error) {
	head, body, ended := bytes.Cut(data, []byte("\r\n\r\n"))
	if !ended {
		return answer{}, partialUnless(len(data) > largestAnswer || !maybeStatus(data))
	}
	line, fields, _ := bytes.Cut(head, []byte("\r\n"))
	a := answer{}
	if a.status = parseStatus(line); a.status == 0 {
		return answer{}, errMalformed
	}
	length, ok := a.readFields(fields)
	if !ok || len(body) > length {
		return answer{}, errMalformed
	}
	if len(body) < length {
		return answer{}, errPartial
	}
	a.body = body
	return a, nil
}

func partialUnless(malformed bool) error {
	if malformed {
		return errMalformed
	}
	return errPartial
}

const statusStart = "HTTP/1.1 "

// maybeStatus reports whether data may still become a status line.
func maybeStatus(data []byte) bool {
	n := min(len(data), len(statusStart))
	return string(data[:n]) == statusStart[:n]
}

// parseStatus returns the status of "HTTP/1.1 200 OK", 0 for no such line.
func parseStatus(line []byte) int {
	rest, ok := bytes.CutPrefix(line, []byte(statusStart))
	if !ok || len(rest) < 3 || len(rest) > 3 && rest[3] != ' ' {
		return 0
	}
	status, ok := parseDecimal(rest[:3])
	if !ok || status < 200 { // an interim answer would be followed by another
		return 0
	}
	return status
}

// readFields reads what matters of the header lines and returns the length
// of the body, which has to be there once.
func (a *answer) readFields(fields []byte) (length int, ok bool) {
	length = -1
	for len(fields) > 0 {
		var line []byte
		line, fields, _ = bytes.Cut(fields, []byte("\r\n"))
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found || len(name) == 0 {
			return 0, false
		}
		value = bytes.Trim(value, " \t")
		switch {
		case isField(name, "Content-Length"):
			n, sound := parseDecimal(value)
			if !sound || length >= 0 || n > largestAnswer {
				return 0, false
			}
			length = n
		case isField(name, "Transfer-Encoding"):
			return 0, false
		case isField(name, "Connection"):
			a.closing = a.closing || bytes.EqualFold(value, []byte("close"))
		case isField(name, "Set-Cookie") && bytes.HasPrefix(value, []byte(CookieName+"=")):
			a.setCookie = value // of several the last, as in a browser
		}
	}
	return length, length >= 0
}

// isField compares a field's name without its case; the length first, which
// settles nearly all.
func isField(name []byte, want string) bool {
	return len(name) == len(want) && bytes.EqualFold(name, []byte(want))
}

// parseDecimal reads digits and nothing else, up to nine of them.
func parseDecimal(text []byte) (n int, ok bool) {
	for _, digit := range text {
		if digit < '0' || digit > '9' {
			return 0, false
		}
		n = n*10 + int(digit-'0')
	}
	return n, len(text) > 0 && len(text) <= 9
}
