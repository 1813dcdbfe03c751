package account_test

import (
	"fmt"
	"testing"
	"time"

	"pagesession/internal/account"
)

// Unlock clears the failures of one name, wherever they were: those for other names stay.
func TestUnlock(t *testing.T) { eachCounts(t, testUnlock) }

func testUnlock(t *testing.T, b *bench) {
	ada, eve := b.staff("ada"), b.staff("eve")
	own := account.Device{User: ada.ID, ID: "d1"}
	for i := range 10 {
		b.fails(1, "ada", fmt.Sprintf("198.51.100.%d", i))
		_, err := b.signInOn(own, "ada", "wrong", "203.0.113.1")
		wantErr(t, "on the device", err, account.ErrSignIn)
	}
	b.fails(9, "eve", "203.0.113.9")
	b.fails(1, "eve", "203.0.113.8")
	b.wantFailures("ada", true)
	b.wantFailures("editor", false)
	for _, want := range []int{20, 0} {
		u, n, err := b.Unlock(t.Context(), cli, ada.ID)
		if err != nil || u.ID != ada.ID || n != want {
			t.Errorf("Unlock = %q, %d, %v; want ada and %d failures", u.Username, n, err, want)
		}
		if e := b.newest(); e.Action != account.ActionUnlock || e.Object != "ada" || e.Actor != cli {
			t.Errorf("entry %+v; want the unlock", e)
		}
		b.wantFailures("ada", false)
	}
	b.wantFailures("eve", true)
	b.fails(9, "ada", "203.0.113.7")
	b.signsIn("ada", "203.0.113.7")
	_, err := b.signIn("eve", goodPassword, "203.0.113.7")
	wantErr(t, "another name", err, account.ErrThrottled)
	_, _, err = b.Unlock(t.Context(), console(eve), ada.ID)
	wantErr(t, "without the permission", err, account.ErrForbidden)
	editor, root := b.staff("editor", account.ChangeUser), b.superuser("root")
	if _, _, err := b.Unlock(t.Context(), console(editor), eve.ID); err != nil {
		t.Errorf("with the permission: %v", err)
	}
	b.signsIn("eve", "203.0.113.7")
	_, _, err = b.Unlock(t.Context(), console(editor), root.ID)
	wantErr(t, "a superuser", err, account.ErrForbidden)
	_, _, err = b.Unlock(t.Context(), cli, 99)
	wantErr(t, "an unknown user", err, account.ErrNotFound)
}

// Failures are there for an unlock as long as they count, and the delay that they left.
func TestHasFailures(t *testing.T) { eachCounts(t, testHasFailures) }

func testHasFailures(t *testing.T, b *bench) {
	b.staff("Ada")
	b.wantFailures("ada", false)
	b.fails(1, "ada", "203.0.113.1")
	b.wantFailures("ada", true)
	b.clock.Advance(5*time.Minute - time.Second)
	b.wantFailures("ada", true)
	b.clock.Advance(time.Second)
	b.wantFailures("ada", false)
	for i := range 40 { // many networks: strangers wait longer than the failures count
		_, _ = b.signIn("ada", "wrong", fmt.Sprintf("198.51.%d.1", i))
	}
	b.clock.Advance(6 * time.Minute)
	b.wantFailures("ada", true)
	b.clock.Advance(time.Hour)
	b.wantFailures("ada", false)
}

func (b *bench) wantFailures(name string, want bool) {
	b.t.Helper()
	if has, err := b.HasFailures(b.t.Context(), name); has != want || err != nil {
		b.t.Errorf("HasFailures(%q) = %v, %v; want %v", name, has, err, want)
	}
}
