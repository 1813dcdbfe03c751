package session

import (
	"crypto/sha256"

	"pagesession/storage/record"
)

// idLen is the length of what crypto/rand.Text returns, 130 random bits in base32. A
// test compares it with the standard library.
const idLen = 26

// A Token is the value of the session cookie in a request, which proves whose
// session it is. The zero Token stands for a request without one. It holds a secret;
// keep it out of logs.
type Token struct {
	id   [idLen]byte
	key  record.Key
	came bool // there was a session cookie, good or bad
	good bool // there was exactly one, well-formed: id and key are set
}

// ParseToken returns the Token of a cookie's value. It accepts any text. A text that
// cannot be a session id names no session.
func ParseToken(value string) Token {
	var t Token
	t.Add([]byte(value))
	return t
}

// Add adds the value of one session cookie, and copies it. Call it for each session
// cookie of the request. Two of them name no session, because an attacker may have
// set one, and the server cannot tell which.
func (t *Token) Add(value []byte) {
	t.good = !t.came && wellFormed(value)
	t.came = true
	if t.good {
		copy(t.id[:], value)
		t.key = sha256.Sum256(t.id[:])
	}
}

// Key returns the key of the session that the token names, live or not, and false
// when it names none.
func (t Token) Key() (record.Key, bool) { return t.key, t.good }

// wellFormed reports whether an id has the form that a Policy gives ids: 26
// characters A-Z and 2-7. Only such ids reach the store.
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
