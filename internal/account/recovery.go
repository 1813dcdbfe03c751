package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"slices"
	"strings"
)

// A user gets ten recovery codes. Each has 120 random bits, so its SHA-256 hides it without
// a slow hash.
const (
	recoveryCodes = 10
	recoveryBytes = 15
	recoveryGroup = 6 // letters between two dashes
)

func newRecoveryCode() string {
	b := make([]byte, recoveryBytes)
	_, _ = rand.Read(b) // never fails
	return LetterGroups(base32.StdEncoding.EncodeToString(b), recoveryGroup, "-")
}

// LetterGroups puts something between each size letters of an ASCII text, as people read and
// type it.
func LetterGroups(text string, size int, between string) string {
	var groups []string
	for group := range slices.Chunk([]byte(text), size) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, between)
}

// normalCode returns a code as it is compared: without blanks and dashes, in capital letters.
func normalCode(typed string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n\u00a0-\u2010\u2011\u2012\u2013", r) {
			return -1
		}
		return r
	}, typed))
}

// recoveryHash returns the hash of a normal code.
func recoveryHash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

// renewRecoveryCodes replaces the recovery codes of a user, and returns the new ones.
func (c *change) renewRecoveryCodes(user uint64) (codes []string) {
	c.exec("DELETE FROM recovery_codes WHERE user_id = $1", user)
	for range recoveryCodes {
		code := newRecoveryCode()
		codes = append(codes, code)
		c.exec("INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)", user, recoveryHash(normalCode(code)))
	}
	return codes
}

func (t tx) recoveryCodesLeft(user uint64) int {
	return value[int](t, "SELECT count(*) FROM recovery_codes WHERE user_id = $1", user)
}
