package session

import (
	"crypto/sha256"

	"pagesession/storage/record"
)

// idLen is the length of what crypto/rand.Text returns: 130 random bits in
// base32. A test holds it against the standard library.
const idLen = 26

// A Token is what a request brings to prove which session is its visitor's:
// the value of the session cookie. The zero Token stands for a request without
// one. It holds a secret; do not log it.
type Token struct {
	id   [idLen]byte
	key  record.Key
	came bool // there was a cookie of the name, whatever was in it
	good bool // exactly one, well formed: id and key are set
}

// ParseToken returns the Token of a cookie's value. Any text is accepted; a
// text that cannot be a session id names no session.
func ParseToken(value string) Token {
	var t Token
	t.Add([]byte(value))
	return t
}

// Add takes in the value of one cookie of the session's name, and copies it.
// Call it for each of them: two cookies name no session, because one of them
// may be planted and the server cannot tell which.
func (t *Token) Add(value []byte) {
	t.good = !t.came && wellFormed(value)
	t.came = true
	if t.good {
		copy(t.id[:], value)
		t.key = sha256.Sum256(t.id[:])
	}
}

// Key returns the key of the session that the token names, live or not. It is
// false when the token names none.
func (t Token) Key() (record.Key, bool) { return t.key, t.good }

// wellFormed reports whether an id has the form of those that a Policy makes:
// 26 characters A-Z and 2-7. No other reaches the store.
func wellFormed(id []byte) bool {
	if len(id) != idLen {
		return false
	}
	for _, b := range id {
		if (b < 'A' || b > 'Z') && (b < '2' || b > '7') {
			return false
		}
	}
	return true
}
