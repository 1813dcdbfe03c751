package account_test

import (
	"testing"

	"pagesession/internal/account"
)

// SignOut ends the sessions of a user and leaves everything else.
func TestSignOut(t *testing.T) {
	b := open(t)
	ada, root := b.staff("ada", account.ChangeUser), b.superuser("root")
	eve := b.staff("eve")
	after, err := b.SignOut(t.Context(), console(ada), eve.ID)
	if err != nil || after.Epoch == eve.Epoch || !after.Active {
		t.Fatalf("SignOut = %+v, %v; want another epoch", after, err)
	}
	if e := b.newest(); e.Action != account.ActionSignOut || e.Object != "eve" || e.Actor.Name != "ada" {
		t.Errorf("entry %+v; want that ada signed eve out", e)
	}
	if _, ok, err := b.Valid(t.Context(), eve.ID, eve.Epoch); ok || err != nil {
		t.Errorf("the old epoch: %v, %v; want it refused", ok, err)
	}
	b.signsIn("eve", "192.0.2.1")
	if _, err := b.SignOut(t.Context(), cli, ada.ID); err != nil {
		t.Errorf("at the command line: %v", err)
	}
	ada = b.user(ada.ID)
	for what, tt := range map[string]struct {
		by   account.Actor
		id   uint64
		want error
	}{
		"oneself":                {console(ada), ada.ID, account.ErrSelf},
		"a superuser":            {console(ada), root.ID, account.ErrForbidden},
		"without the permission": {console(after), ada.ID, account.ErrForbidden},
		"an unknown user":        {cli, 99, account.ErrNotFound},
	} {
		_, err := b.SignOut(t.Context(), tt.by, tt.id)
		wantErr(t, what, err, tt.want)
	}
}
