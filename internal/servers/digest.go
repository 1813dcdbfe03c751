package servers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// KeyDigest returns a digest of a signing key, by which servers see whether they have the same
// one. It tells nothing else of the key, which has 32 bytes made by chance.
func KeyDigest(key []byte) string { return digest(key, "pagesession: digest of the signing key") }

// AccountsDigest is KeyDigest for the identity of an accounts database; "" for an unknown one.
func AccountsDigest(id string) string {
	if id == "" {
		return ""
	}
	return digest([]byte(id), "pagesession: digest of the accounts")
}

func digest(key []byte, label string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(label)) // it never fails
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
