package record

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// A Key is the SHA-256 of a session id. Stores and logs get the key in place of
// the id, so a dump of the file or a log gives no cookie away.
type Key [sha256.Size]byte

// KeyOf returns the key of an id. It keeps no reference to id.
func KeyOf(id string) Key { return sha256.Sum256([]byte(id)) }

// Fingerprint returns eight hex digits that tell sessions apart in a log.
func (k Key) Fingerprint() string { return hex.EncodeToString(k[:4]) }

// Handle returns the key's handle.
func (k Key) Handle() Handle { return Handle(k[:16]) }

// A Handle is the first half of a Key. A console may show it and put it into
// addresses: it names the session and opens nothing. Two sessions may share a
// fingerprint, but not a handle.
type Handle [16]byte

// String returns 32 hex digits; the first eight are the key's fingerprint.
func (h Handle) String() string { return hex.EncodeToString(h[:]) }

// Fingerprint returns the eight digits by which logs name the session.
func (h Handle) Fingerprint() string { return hex.EncodeToString(h[:4]) }

// ParseHandle reads what String wrote, in either case. Anything else is an
// error.
func ParseHandle(s string) (Handle, error) {
	var h Handle
	if len(s) != hex.EncodedLen(len(h)) {
		return h, fmt.Errorf("session handle has %d characters; it needs %d hex digits", len(s), hex.EncodedLen(len(h)))
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return Handle{}, fmt.Errorf("session handle: %w", err)
	}
	return h, nil
}
