package account_test

import (
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit/authenticator"
)

// A damaged passkey signs no user in. Its user's other passkeys work, and it can be removed.
func TestPasskey_Damaged(t *testing.T) {
	for _, damage := range []string{
		"flags = 300", "flags = -1", "sign_count = -1", "sign_count = 4294967296", "public_key = '%'", "public_key = ''",
		"credential = '%'", "credential = ''", "challenged = 9223372036854775807", "rp_id = ''",
	} {
		b := open(t)
		h := b.holder(b.staff("ada"))
		b.clock.Advance(time.Minute)
		phone := &holder{b: b, user: h.user, key: authenticator.New(t, site.Page)}
		if _, err := h.add(phone.key, "Phone"); err != nil {
			t.Fatal(err)
		}
		if err := b.Damage("UPDATE passkeys SET " + damage + " WHERE name = 'Laptop'"); err != nil {
			t.Fatalf("%s: %v", damage, err)
		}
		for _, way := range ways(t) {
			b.clock.Advance(time.Second)
			_, err := way.end(b, way.begin(h))
			wantErr(t, damage+", "+way.name, err, account.ErrPasskey)
			if _, err := way.end(b, way.begin(phone)); err != nil {
				t.Errorf("%s, the other passkey, %s: %v", damage, way.name, err)
			}
		}
		all := b.listed(h.user)
		if len(all) != 2 || all[0].Name != "Laptop" {
			t.Fatalf("%s: listed %+v; want both", damage, all)
		}
		u, err := b.RemovePasskey(t.Context(), b.confirmed(b.user(h.user.ID)), h.user.ID, all[0].ID)
		if left := b.listed(h.user); err != nil || !u.Factors.Passkey || len(left) != 1 || left[0].Name != "Phone" {
			t.Errorf("%s: RemovePasskey: %v, and %+v are left; want the phone", damage, err, left)
		}
	}
}
