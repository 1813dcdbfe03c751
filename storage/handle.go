package storage

import (
	"encoding/hex"
	"fmt"
)

// A Handle is the first half of a Key: what a console may show and put into
// addresses. It finds the session and opens nothing, for the key itself is
// a hash of the id. Unlike a fingerprint it is never that of two sessions.
type Handle [16]byte

// Handle returns the key's handle.
func (k Key) Handle() Handle { return Handle(k[:16]) }

// String returns 32 hex digits; the first eight are the key's fingerprint.
func (h Handle) String() string { return hex.EncodeToString(h[:]) }

// ParseHandle reads what String wrote. Anything else is an error.
func ParseHandle(s string) (Handle, error) {
	var h Handle
	if len(s) != hex.EncodedLen(len(h)) {
		return h, fmt.Errorf("a session's handle has %d hex digits, not %d", hex.EncodedLen(len(h)), len(s))
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return Handle{}, fmt.Errorf("a session's handle is hex digits: %w", err)
	}
	return h, nil
}
