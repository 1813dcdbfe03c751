// Package passkey makes and checks the messages between the server and a passkey, by
// WebAuthn. It knows neither HTTP nor a database: a Challenge goes out with options in
// JSON for the browser, an answer in JSON comes back, and a Key is what the server keeps.
//
// A passkey belongs to a host name. The browser signs for no other one, which is why
// nothing can be phished. Attestation, by which a maker vouches for a device, is not asked
// for.
package passkey

import "errors"

// Errors. The text behind them is the library's, which has neither a key nor a challenge.
var (
	// ErrAnswer is returned for an answer that cannot be read or does not fit: another
	// challenge, site, user or key, a wrong signature, or a user who was not verified.
	ErrAnswer = errors.New("the passkey’s answer does not fit")
	// ErrCopied is returned when a passkey's count of signatures has gone back. There may
	// be a copy of it.
	ErrCopied = errors.New("the passkey’s count of signatures has gone back, so there may be a copy of it")
)

// Bounds.
const (
	// MaxAnswer is the longest answer that is read. They have 1 to 2 KB; an id may have up
	// to 1,023 bytes, which come three times.
	MaxAnswer = 16 << 10
	// maxPublic bounds a public key: it is checked again at each use. RSA with 4,096 bits
	// has 530 bytes.
	maxPublic = 1 << 10
)
