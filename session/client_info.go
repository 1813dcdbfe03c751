package session

import (
	"unicode"
	"unicode/utf8"
)

// A ClientInfo is where a session came from when it was created. It is kept
// beside the session's values for as long as the session lives, rotations
// included, and decides nothing. Only the printable characters of both texts
// are kept.
type ClientInfo struct {
	Address string // IP address without port, at most 45 bytes; "": not known
	Agent   string // the User-Agent, at most 200 bytes; "": not known
}

// ClientInfoOf returns the client info in a stored value; zero when there is
// none, as in values of other programs and of older versions. It decodes no gob.
func ClientInfoOf(value []byte) ClientInfo {
	address, agent, _ := open(value)
	return ClientInfo{string(address), string(agent)}
}

// A value with client info begins with a mark, then the address and the agent,
// each behind its length in one byte; what is left is Fiber's gob. A gob begins
// with the length of a message: below 0x80, or 0xF8 and above. So the mark
// cannot be mistaken for one.
const (
	clientMark = 0x91
	maxAgent   = 200
	maxAddress = 45 // an IPv6 address in its longest form
)

// isNewer reports whether a value begins with neither the mark nor a gob. The
// other first bytes are free for later forms.
func isNewer(value []byte) bool {
	return len(value) > 0 && value[0] >= 0x80 && value[0] < 0xF8 && value[0] != clientMark
}

// open takes a value apart. A truncated value has no gob and counts as corrupt.
func open(value []byte) (address, agent, gob []byte) {
	if len(value) == 0 || value[0] != clientMark {
		return nil, nil, value
	}
	address, rest := piece(value[1:])
	agent, gob = piece(rest)
	return address, agent, gob
}

// piece splits b after the text behind its first byte, which is the length.
func piece(b []byte) (head, rest []byte) {
	if len(b) == 0 || len(b) <= int(b[0]) {
		return nil, nil
	}
	n := 1 + int(b[0])
	return b[1:n:n], b[n:]
}

// Gob returns the values in a stored value, as Fiber's session middleware
// encodes them. It shares value's memory.
func Gob(value []byte) []byte {
	_, _, gob := open(value)
	return gob
}

// withGob puts the client info of a value, if it has one, before another gob.
func withGob(old, gob []byte) []byte {
	head := old[:len(old)-len(Gob(old))]
	if len(head) == 0 {
		return gob
	}
	return append(append(make([]byte, 0, len(head)+len(gob)), head...), gob...)
}

// sealNew puts the client info of a new session before its gob.
func sealNew(from ClientInfo, gob []byte) []byte {
	b := make([]byte, 0, 3+maxAddress+min(len(from.Agent), maxAgent)+len(gob))
	b = append(b, clientMark)
	b = appendPiece(b, from.Address, maxAddress)
	b = appendPiece(b, from.Agent, maxAgent)
	if len(b) == 3 {
		return gob // nothing is known
	}
	return append(b, gob...)
}

// appendPiece appends the printable part of a text, at most most bytes, behind
// its length.
func appendPiece(b []byte, text string, most int) []byte {
	at := len(b)
	b = append(b, 0)
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		if len(b)-at-1+n > most {
			break
		}
		if unicode.IsPrint(r) && (r != utf8.RuneError || n > 1) {
			b = append(b, text[:n]...)
		}
		text = text[n:]
	}
	b[at] = byte(len(b) - at - 1)
	return b
}
