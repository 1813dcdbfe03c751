package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
)

// errSealed is returned for a text that this key did not seal for this purpose.
var errSealed = errors.New("it was sealed with another secret.key, or is damaged")

// A sealer encrypts texts, so that only a holder of secret.key can read or make them. The
// zero value has no key.
type sealer struct{ aead cipher.AEAD }

// sealLabel separates this key from others that are made of secret.key.
const sealLabel = "pagesession second factors"

func newSealer(secret []byte) sealer {
	if len(secret) == 0 {
		return sealer{}
	}
	key, err := hkdf.Key(sha256.New, secret, nil, sealLabel, 32)
	if err != nil {
		panic("account: " + err.Error()) // only for a length that no hash gives
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("account: " + err.Error()) // only for a key of another length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic("account: " + err.Error()) // only for a block of another size
	}
	return sealer{aead}
}

// seal returns plain as a text for URLs and forms. Only open with the same purpose reads it.
func (s sealer) seal(purpose string, plain []byte) (string, error) {
	if s.aead == nil {
		return "", ErrNoSecretKey
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, []byte(purpose))), nil
}

// open returns what was sealed. Errors: ErrNoSecretKey, errSealed.
func (s sealer) open(purpose, text string) ([]byte, error) {
	if s.aead == nil {
		return nil, ErrNoSecretKey
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, errSealed
	}
	plain, err := s.aead.Open(nil, nil, sealed, []byte(purpose))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}
