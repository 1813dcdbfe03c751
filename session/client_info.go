package session

import (
	"unicode"
	"unicode/utf8"
)

// A ClientInfo says where a session was created. It is kept beside the session's
// values for as long as the session lives, also across rotations, and decides
// nothing. Characters that are not printable are left out.
type ClientInfo struct {
	Address string // IP address without port, or a network such as 203.0.113.0/24; at most 45 bytes; "": unknown
	Agent   string // the User-Agent, at most 200 bytes; "": unknown
}

// ClientInfoOf returns the client info in a stored value. It is zero if there is
// none, as in values of other programs and older versions. It decodes no gob and copies
// nothing: its strings share the memory of value.
func ClientInfoOf(value string) ClientInfo {
	address, agent, _ := open(value)
	return ClientInfo{address, agent}
}

// A value with client info begins with a mark. The address and the agent follow,
// each after its length in one byte, and then Fiber's gob. A gob begins with the
// length of a message, whose first byte is below 0x80, or 0xF8 and above, so the
// mark is never taken for one.
const (
	clientMark = 0x91
	maxAgent   = 200
	maxAddress = 45 // an IPv6 address in its longest form
)

// isNewer reports whether a value begins with neither the mark nor a gob. Those
// first bytes are free for later formats.
func isNewer(value string) bool {
	return len(value) > 0 && value[0] >= 0x80 && value[0] < 0xF8 && value[0] != clientMark
}

// open returns the parts of a value. A truncated value has no gob and counts as
// corrupt.
func open(value string) (address, agent, gob string) {
	if len(value) == 0 || value[0] != clientMark {
		return "", "", value
	}
	address, rest := piece(value[1:])
	agent, gob = piece(rest)
	return address, agent, gob
}

// piece splits b after the text that follows its first byte, which is the text's
// length.
func piece(b string) (head, rest string) {
	if len(b) == 0 || len(b) <= int(b[0]) {
		return "", ""
	}
	n := 1 + int(b[0])
	return b[1:n], b[n:]
}

// Gob returns the values in a stored value, as Fiber's session middleware encodes
// them.
func Gob(value string) string {
	_, _, gob := open(value)
	return gob
}

// withGob returns a value with the client info of old, if it has one, and another
// gob.
func withGob(old string, gob []byte) []byte {
	head := old[:len(old)-len(Gob(old))]
	if len(head) == 0 {
		return gob
	}
	return append(append(make([]byte, 0, len(head)+len(gob)), head...), gob...)
}

// sealNew returns the value of a new session: its client info, then its gob.
func sealNew(from ClientInfo, gob []byte) []byte {
	b := make([]byte, 0, 3+maxAddress+min(len(from.Agent), maxAgent)+len(gob))
	b = append(b, clientMark)
	b = appendPiece(b, from.Address, maxAddress)
	b = appendPiece(b, from.Agent, maxAgent)
	if len(b) == 3 {
		return gob // both are empty
	}
	return append(b, gob...)
}

// appendPiece appends the length of a text's printable part, then that part, cut to
// at most most bytes.
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
