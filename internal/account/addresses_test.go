package account_test

import (
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/network"
)

// The audit log has what may be kept of an address. Failures count by the whole one, also
// after a restart, when the log no longer says where users have signed in.
func TestAddresses_InEntries(t *testing.T) {
	for _, test := range []struct {
		kept network.Kept
		want string
	}{
		{network.KeptWhole, "203.0.113.7"}, {network.KeptNetwork, "203.0.113.0/24"}, {network.KeptNothing, ""},
	} {
		cfg, clock := newConfig(t)
		cfg.Addresses = test.kept
		b := openWith(t, cfg, clock)
		b.superuser("ada")
		in := account.Credentials{Username: "ada", Password: goodPassword, Address: "203.0.113.7"}
		if _, err := b.Authenticate(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		page, err := b.Entries(t.Context(), account.EntryQuery{Action: account.ActionSignIn})
		if err != nil || len(page.Entries) != 1 || page.Entries[0].Actor.Address != test.want {
			t.Errorf("%v: entries %+v, %v; want one from %q", test.kept, page.Entries, err, test.want)
		}
		b = b.reopen()
		in.Address, in.Password = "203.0.113.8", "wrong" // a neighbour, whose failures are their own
		for range 10 {
			_, _ = b.Authenticate(t.Context(), in)
		}
		in.Address, in.Password = "203.0.113.7", goodPassword
		_, err = b.Authenticate(t.Context(), in)
		if known := test.kept == network.KeptWhole; known != (err == nil) {
			t.Errorf("%v: sign-in after a neighbour's failures and a restart: %v; want that only a whole address makes the network known", test.kept, err)
		}
	}
}
