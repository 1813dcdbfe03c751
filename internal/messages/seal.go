package messages

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"
)

// KeySize is the length of a Sealer's key in bytes: as many as HMAC-SHA256 has
// of strength.
const KeySize = 32

// MaxAge is how long notices wait for a page to be shown on. A redirect takes
// a moment; what is minutes old would only confuse.
const MaxAge = 3 * time.Minute

// ahead is how far in the future a cookie may have been made: the clock may
// have been set back a little since.
const ahead = time.Minute

// maxValue is the longest value that Seal makes, in characters.
const maxValue = (1 + 8 + 1 + MaxMessages*(1+1+MaxKey+1+8*MaxArgs) + sha256.Size) * 4 / 3

// purpose keeps what the same key signs elsewhere from passing as messages.
const purpose = "pagesession messages cookie\x00"

// A Sealer turns messages into the value of a cookie and back. Its methods are
// safe for concurrent use.
type Sealer struct {
	key []byte
	now func() time.Time
}

// NewSealer returns a sealer with that key, which is copied and must have
// KeySize bytes, and that clock.
func NewSealer(key []byte, now func() time.Time) (*Sealer, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("messages: the key has %d bytes; want %d", len(key), KeySize)
	}
	return &Sealer{key: append([]byte(nil), key...), now: now}, nil
}

// NewKey returns a random key.
func NewKey() []byte {
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // never fails: it ends the process instead
	return key
}

// Seal returns the value of a cookie that carries ms, or ErrBounds.
func (s *Sealer) Seal(ms ...Message) (string, error) {
	b, err := encode(s.now(), ms)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(b, s.sign(b)...)), nil
}

// Open returns the messages of a cookie's value; none when the value was not
// made by Seal with this key, was cut or changed, or is older than MaxAge. The
// result shares nothing with value.
func (s *Sealer) Open(value string) []Message {
	if len(value) > maxValue+4 {
		return nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil || len(b) < sha256.Size {
		return nil
	}
	b, sum := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if !hmac.Equal(sum, s.sign(b)) {
		return nil
	}
	made, ms, ok := decode(b)
	if age := s.now().Sub(made); !ok || age > MaxAge || age < -ahead {
		return nil
	}
	return ms
}

func (s *Sealer) sign(b []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(purpose))
	mac.Write(b)
	return mac.Sum(nil)
}
