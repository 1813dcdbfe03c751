package account_test

import (
	"testing"

	"pagesession/internal/account"
)

// wantSignIns checks the counts; those that are left out have to be 0.
func wantSignIns(t *testing.T, s *account.Store, want map[string]uint64) {
	t.Helper()
	for i, n := range s.SignIns() {
		if outcome := account.SignInOutcomes[i]; n != want[outcome] {
			t.Errorf("sign-ins that were %s: %d; want %d", outcome, n, want[outcome])
		}
	}
}

// Each step of a sign-in counts once, by what came of it.
func TestSignIns(t *testing.T) {
	b := openSealed(t)
	ada := b.staff("ada")
	_, _ = b.signIn("ada", goodPassword, "192.0.2.1")
	wantSignIns(t, b.Store, map[string]uint64{"accepted": 1})
	a := b.app(ada)
	next := b.ticket("ada")
	_, _ = b.enter(next, "000000")
	_, _ = b.enter(next, b.code(a))
	_, _ = b.enter(account.Ticket{User: ada.ID}, b.code(a))
	_, _ = b.SignInByPasskey(b.t.Context(), account.PasskeyStep{})
	_, _ = b.SecondPasskey(b.t.Context(), account.PasskeyStep{})
	for range 12 {
		_, _ = b.signIn("unknown", "wrong password", "192.0.2.2")
	}
	wantSignIns(t, b.Store, map[string]uint64{"accepted": 2, "asked": 1, "wrong_code": 1, "expired": 3, "wrong_password": 10, "delayed": 2})
}
