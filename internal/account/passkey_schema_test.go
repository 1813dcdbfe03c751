package account_test

import "testing"

// A database of a version without passkeys gets their table, and keeps its operators.
func TestOpen_AddsPasskeys(t *testing.T) {
	b := open(t)
	ada := b.staff("ada")
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"DROP TABLE passkeys", "DELETE FROM goose_db_version WHERE version_id = 3"} {
		execute(t, b.cfg.Path, statement)
	}
	b = openWith(t, b.cfg, b.clock)
	if got := b.user(ada.ID); got.Username != "ada" || got.Factors.Any() {
		t.Errorf("the operator is %+v", got)
	}
	if h := b.holder(ada); !h.user.Factors.Passkey {
		t.Errorf("after a new passkey the operator is %+v", h.user)
	}
}
