package record

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// A Key is the SHA-256 of a session id. Stores and logs get the key instead of the
// id, so a person who copies the file or a log cannot use the sessions.
type Key [sha256.Size]byte

// KeyOf returns the key of a session id. It keeps no reference to id.
func KeyOf(id string) Key { return sha256.Sum256([]byte(id)) }

// Fingerprint returns the first eight hex digits of the key. Logs tell sessions
// apart by them; two sessions may share a fingerprint.
func (k Key) Fingerprint() string { return hex.EncodeToString(k[:4]) }

// Handle returns the key's handle, its first half.
func (k Key) Handle() Handle { return Handle(k[:16]) }

// A Handle is the first half of a Key. It names one session and gives no access to
// it, so a console may show it and put it into addresses.
type Handle [16]byte

// String returns the handle as 32 hex digits. The first eight are the fingerprint.
func (h Handle) String() string { return hex.EncodeToString(h[:]) }

// Fingerprint returns the eight hex digits by which logs name the session, those of
// Key.Fingerprint.
func (h Handle) Fingerprint() string { return hex.EncodeToString(h[:4]) }

// ParseHandle reads what String wrote, in upper or lower case. Anything else is an
// error.
func ParseHandle(s string) (Handle, error) {
	var h Handle
	if len(s) != hex.EncodedLen(len(h)) {
		return h, fmt.Errorf("storage: session handle has %d characters; want %d hex digits", len(s), hex.EncodedLen(len(h)))
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return Handle{}, fmt.Errorf("storage: session handle: %w", err)
	}
	return h, nil
}
