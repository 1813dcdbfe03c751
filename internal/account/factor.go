package account

import (
	"context"
	"time"
)

// Factors says which second factors a user has.
type Factors struct {
	TOTP    bool // an authenticator app
	Passkey bool
}

// Any reports whether there is a second factor.
func (f Factors) Any() bool { return f.TOTP || f.Passkey }

// Requirement says who must have a second factor.
type Requirement string

// The requirements. An unknown one is Everyone.
const (
	Optional   Requirement = "optional"
	Superusers Requirement = "superusers"
	Everyone   Requirement = "required"
)

// MustHaveSecondFactor reports whether Config.Required asks a second factor of this user.
func (s *Store) MustHaveSecondFactor(u User) bool {
	switch s.cfg.Required {
	case Optional, "":
		return false
	case Superusers:
		return u.Superuser
	default:
		return true
	}
}

// How a sign-in was completed, and which factor a change was about, in the fields of an
// audit entry.
const (
	ByTOTP         = "totp"
	ByRecoveryCode = "recovery_code"
	ByPasskey      = "passkey"

	// FieldSecondFactor is the field of a sign-in that failed after the right password.
	FieldSecondFactor = "second_factor"
	// FieldCopied is a further field of one by a passkey that may have been copied.
	FieldCopied = "passkey_copied"
)

// SecondFactors is what a user has beside a password.
type SecondFactors struct {
	TOTP       bool
	Added      time.Time // UTC; when the authenticator app was added; zero: never
	Unreadable bool      // the app's secret cannot be opened, because secret.key is another one; its codes are refused
	Blocked    bool      // after too many wrong codes the app's codes are refused until a sign-in by other means

	RecoveryCodes int // that were not used yet
}

// UnreadableApps returns how many users have an authenticator app whose secret cannot be
// opened: secret.key is another one than when they set it up, or the secret is damaged. Their
// codes are refused. Errors: ErrUnavailable, ErrClosed.
func (s *Store) UnreadableApps(ctx context.Context) (int, error) {
	return read(ctx, s, func(t tx) (n int) {
		t.each("SELECT user_id, secret FROM totp", nil, func(scan func(...any)) {
			var user uint64
			var row totpRow
			scan(&user, &row.sealed)
			if _, err := s.secretOf(user, row); err != nil {
				n++
			}
		})
		return n
	})
}

// SuperusersWithoutFactor returns how many superusers can sign in by their password alone:
// they have no second factor. Errors: ErrUnavailable, ErrClosed.
func (s *Store) SuperusersWithoutFactor(ctx context.Context) (int, error) {
	return read(ctx, s, func(t tx) int {
		return value[int](t, "SELECT count(*) FROM users u WHERE "+isSuperuser+
			" AND NOT EXISTS (SELECT 1 FROM totp WHERE user_id = u.id) AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = u.id)")
	})
}

// SecondFactors returns the second factors of a user. Errors: ErrNotFound, ErrUnavailable,
// ErrClosed.
func (s *Store) SecondFactors(ctx context.Context, id uint64) (SecondFactors, error) {
	return found(read(ctx, s, func(t tx) *SecondFactors {
		if t.member(id) == nil {
			return nil
		}
		row := t.totp(id)
		f := &SecondFactors{RecoveryCodes: t.recoveryCodesLeft(id), Blocked: t.wrongCodes(id) >= mostWrongCodes}
		if row != (totpRow{}) {
			_, err := s.secretOf(id, row)
			f.TOTP, f.Added, f.Unreadable = true, time.UnixMicro(row.added).UTC(), err != nil
		}
		f.Blocked = f.Blocked && f.TOTP
		return f
	}))
}
