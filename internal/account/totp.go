package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// What all authenticator apps can do: RFC 6238 with SHA-1, six digits and steps of 30 seconds.
const (
	totpPeriod = 30
	totpDigits = otp.DigitsSix
	// totpSkew is how many steps a device may be ahead or behind. RFC 6238 recommends at most
	// one, which gives a code 90 seconds.
	totpSkew = 1
)

// A totpSecret is the secret that an authenticator app shares with the server.
type totpSecret [20]byte // 160 bits, as RFC 4226 recommends

func newTOTPSecret() (s totpSecret) {
	_, _ = rand.Read(s[:]) // never fails
	return s
}

// text returns the secret as apps take it.
func (s totpSecret) text() string { return base32.StdEncoding.EncodeToString(s[:]) }

// stepOf returns the step of a time.
func stepOf(at time.Time) int64 { return at.Unix() / totpPeriod }

// code returns the code of a step.
func (s totpSecret) code(step int64) string {
	code, err := hotp.GenerateCodeCustom(s.text(), uint64(step), hotp.ValidateOpts{Digits: totpDigits, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		panic("account: " + err.Error()) // only for a text that is not base32
	}
	return code
}

// match returns the newest step whose code this is, of those around the time that come after
// used, or 0. It compares with all of them, so it takes the same time for each.
func (s totpSecret) match(code string, at time.Time, used int64) (step int64) {
	for n := stepOf(at) - totpSkew; n <= stepOf(at)+totpSkew; n++ {
		if subtle.ConstantTimeCompare([]byte(s.code(n)), []byte(code)) == 1 && n > used {
			step = n
		}
	}
	return step
}

// address returns the otpauth address with which an app takes the secret over.
func (s totpSecret) address(issuer, username string) (string, error) {
	issuer = strings.ReplaceAll(issuer, ":", " ") // a colon ends it
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: issuer, AccountName: username, Secret: s[:], Period: totpPeriod, Digits: totpDigits, Algorithm: otp.AlgorithmSHA1,
	})
	if err != nil {
		return "", fmt.Errorf("address for the authenticator app: %w", err)
	}
	return key.URL(), nil
}

// totpPurpose is the purpose of a stored secret. It has the user, so a secret does not
// pass for another user's.
func totpPurpose(user uint64) string { return fmt.Sprint("totp secret ", user) }

// A totpRow is what the database has of a user's app; the zero value is none.
type totpRow struct {
	sealed string
	step   int64
	added  int64
}

func (t tx) totp(user uint64) (row totpRow) {
	t.row("SELECT secret, step, added FROM totp WHERE user_id = $1", []any{user}, &row.sealed, &row.step, &row.added)
	return row
}

// secretOf opens a user's secret. Without one, or with one that cannot be opened, it returns
// a random one, so the code is checked all the same.
func (s *Store) secretOf(user uint64, row totpRow) (secret totpSecret, err error) {
	plain, err := s.sealer.open(totpPurpose(user), row.sealed)
	if err == nil && len(plain) != len(secret) {
		err = errSealed
	}
	if err != nil {
		return newTOTPSecret(), err
	}
	return totpSecret(plain), nil
}
