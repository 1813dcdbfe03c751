package storage

import (
	"crypto/sha256"
	"encoding/hex"
)

// A Key is the SHA-256 of a session id. The id is hashed before anything else
// sees it: neither memory dumps of the index, nor the file, nor a log can be
// turned back into a cookie.
type Key [sha256.Size]byte

// KeyOf returns the key of an id. It keeps no reference to id.
func KeyOf(id string) Key { return sha256.Sum256([]byte(id)) }

// Fingerprint returns eight hex digits that tell sessions apart in a log.
func (k Key) Fingerprint() string { return hex.EncodeToString(k[:4]) }
