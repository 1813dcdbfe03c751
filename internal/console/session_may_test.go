package console_test

import (
	"testing"

	"pagesession/internal/account"
)

// A page and the state of its session have what the operator may do, so a page that no stream
// tells hears of a loss.
func TestSession_SaysWhatIsPermitted(t *testing.T) {
	d := openConsoleOn(t, t.TempDir(), account.Config{SecretKey: secretKey(), Required: account.Superusers})
	bob := d.staff("bob", account.ViewSession, account.ViewLogEntry)
	b := d.as("bob")
	may := "view_session view_logentry"
	b.get("/admin/").Wants(200, `data-may="`+may+`"`)
	b.get("/admin/session/").Wants(200, `"may":"`+may+`"`).Lacks("set_up")
	bob.Permissions, bob.Version = nil, 0
	bob = must(d.accounts.UpdateUser(t.Context(), owner, bob))
	b.get("/admin/session/").Wants(200, `"may":""`).Lacks("set_up")
	bob.Superuser, bob.Version = true, 0
	must(d.accounts.UpdateUser(t.Context(), owner, bob))
	b.get("/admin/session/").Wants(200, "delete_user", `superuser","set_up":true`)
	d.signedOut().get("/admin/session/").Wants(200, `"may":""`)
}
