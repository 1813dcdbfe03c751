package console_test

import (
	"testing"

	"pagesession/internal/account"
	"pagesession/internal/check"
	"pagesession/internal/console"
)

// The dashboard shows superusers only what the checks have found.
func TestDashboard_Checks(t *testing.T) {
	var found []check.Finding
	d := openConsole(t, func(cfg *console.Config) { cfg.Checks = func() []check.Finding { return found } })
	d.superuser("root")
	d.staff("viewer", account.Permissions()...)
	const title = `<h2 id="checks">Checks</h2>`
	d.as("root").get("/admin/").Wants(200).Lacks(title)
	found = []check.Finding{
		{ID: "tls.none", Level: check.Error, Wrong: "No <TLS>.", Do: "Use --domain."},
		{ID: "debug", Level: check.Warning, Wrong: "--debug is on.", Do: "Leave it out."},
	}
	d.as("root").get("/admin/").Wants(200, title, `<b class="error">Error</b> No &lt;TLS&gt;.`, "Use --domain. <code>tls.none</code>",
		`<b class="warning">Warning</b> --debug is on.`)
	d.as("viewer").get("/admin/").Wants(200).Lacks(title)
}
