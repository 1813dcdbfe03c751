package console_test

import (
	"slices"
	"strings"
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/console"
)

// Each permission that forms and commands offer opens a route that is closed without it. The
// others open none, and no form offers them.
func TestGrants_OfferWhatRoutesAskFor(t *testing.T) {
	d, _, _ := people(t)
	d.staff("empty")
	without, form := must(d.accounts.UserByName(t.Context(), "empty")), d.as("ada").get("/admin/groups/add/").Wants(200)
	for _, p := range account.Permissions() {
		u := d.staff(string(p), p)
		opens := slices.ContainsFunc(console.Routes(), func(at console.Route) bool { return !at.Public && at.Admits(u) && !at.Admits(without) })
		offered := slices.Contains(account.Offered(), p)
		if opens != offered {
			t.Errorf("%s opens a route: %v; offered: %v", p, opens, offered)
		}
		if shown := strings.Contains(form.Text, `value="`+string(p)+`"`); shown != offered {
			t.Errorf("%s is in the form: %v; want %v", p, shown, offered)
		}
	}
}
