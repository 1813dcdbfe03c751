package console_test

import (
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/config"
	"pagesession/internal/console"
	"pagesession/internal/servers"
)

// someSettings are one of each kind.
func someSettings() []config.Value {
	return []config.Value{
		{Name: "idle-timeout", Value: "5m0s", From: config.Provenance{Kind: config.FromFile, File: "/etc/pagesession.env", Line: 7}},
		{Name: "metrics-password", Value: config.Masked, From: config.Provenance{Kind: config.FromEnvironment, Variable: "PAGESESSION_METRICS_PASSWORD_FILE"}},
		{Name: "addr", Value: "<b>", From: config.Provenance{Kind: config.FromDefault}},
	}
}

// A superuser sees the settings and where each was set, from the menu under their name; others see
// neither the page nor its link.
func TestSettings(t *testing.T) {
	d := openConsole(t, func(cfg *console.Config) { cfg.Settings = someSettings() })
	d.superuser("ada")
	d.staff("viewer", account.ViewSession)
	d.run(t, []scenario{
		{path: "/admin/settings/", status: 303},
		{who: "viewer", path: "/admin/settings/", status: 403, lacks: []string{"idle-timeout"}},
		{who: "ada", path: "/admin/settings/", status: 200, contains: []string{"idle-timeout", "5m0s", "/etc/pagesession.env:7", config.Masked, "environment (PAGESESSION_METRICS_PASSWORD_FILE)", "&lt;b&gt;"}},
		{who: "ada", path: "/admin/users/", status: 200, contains: []string{`<a href="/admin/settings/">Server settings</a>`}},
		{who: "viewer", path: "/admin/sessions/", status: 200, lacks: []string{"/admin/settings/"}},
		{who: "ada", method: "POST", path: "/admin/settings/", form: []string{}, status: 405},
	})
}

// The dashboard says which version runs, and for how long.
func TestHome_VersionAndUptime(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.staff("viewer", account.ViewSession)
	d.staff("none")
	d.clock.Advance(61 * time.Minute)
	d.as("ada").get("/admin/").Wants(200, servers.Version(), "1 h 1 min")
	d.as("viewer").get("/admin/").Wants(200, servers.Version(), "1 h 1 min")
	d.as("none").get("/admin/").Wants(200).Lacks(servers.Version(), "1 h 1 min")
}
