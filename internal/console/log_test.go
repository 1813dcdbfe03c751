package console_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/testkit"
)

func TestLog(t *testing.T) {
	d, bob, editors := people(t)
	d.clock.Advance(48 * time.Hour)
	ada := d.as("ada")
	ada.post(userAt(bob, ""), whole(bob, "email", "x@example.org")...).Wants(303)
	d.signedOut().post("/admin/login/", "username", "bob", "password", "wrong").Wants(403)
	d.run(t, []scenario{
		{who: "auditor", path: "/admin/log/", status: 200, contains: []string{"<b>ada</b> changed user <b>bob</b>: email", "<b>Someone</b> failed to sign in as <b>bob</b>", "<b>auditor</b> signed in", "added group <b>editors</b>", "command line"}, lacks: []string{"signed in <"}},
		{who: "ada", path: "/admin/log/", status: 200, contains: []string{`changed user <a href="` + userAt(bob, "") + `">bob</a>: email`, `<a href="` + groupAt(editors, "") + `">editors</a>`}},
		{who: "ada", path: "/admin/log/?actor=ada&action=change", status: 200, contains: []string{"changed user"}, lacks: []string{"signed in</td>", "<b>Someone</b>", "added user"}},
		{who: "ada", path: "/admin/log/?kind=group", status: 200, contains: []string{"editors"}, lacks: []string{"changed user"}},
		{who: "ada", path: "/admin/log/?kind=group&object=editors", status: 200, contains: []string{"added group"}},
		{who: "ada", path: fmt.Sprintf("/admin/log/?kind=user&object=%%23%d", bob.ID), status: 200, contains: []string{"changed user"}, lacks: []string{"<b>auditor</b>"}},
		{who: "ada", path: "/admin/log/?from=2026-11-24", status: 200, contains: []string{"changed user"}, lacks: []string{"added user"}},
		{who: "ada", path: "/admin/log/?to=2026-11-22", status: 200, contains: []string{"added user"}, lacks: []string{"changed user"}},
		{who: "ada", path: "/admin/log/?from=2026-11-23&to=2026-11-23", status: 200, contains: []string{"No matching log entries"}},
		{who: "ada", path: "/admin/log/?from=yesterday&actor=nobody.here&object=x", status: 422, contains: []string{"Enter a valid date", "No user has this name", "Choose what it is under “About”", `value="nobody.here"`, `value="yesterday"`}},
		{who: "ada", path: "/admin/log/?kind=group&object=x", status: 422, contains: []string{"No group has this name"}},
		{who: "ada", path: "/admin/log/?kind=nonsense&action=nonsense", status: 200, contains: []string{"No matching log entries"}},
		{who: "ada", method: "POST", path: "/admin/log/", form: []string{}, status: 405},
	})
}

// The pages of the log lead on and back, and keep the filter.
func TestLog_Pages(t *testing.T) {
	d := openConsole(t)
	ada := d.superuser("ada")
	for i := range 120 {
		if err := d.accounts.Audit(t.Context(), account.Console(ada, "127.0.0.1"), account.Event{Action: account.ActionRevoke, Kind: account.KindSession, Count: i + 2}); err != nil {
			t.Fatal(err)
		}
	}
	b := d.as("ada")
	first := b.get("/admin/log/?action=revoke")
	first.Wants(200, "ended 121 sessions", "ended 72 sessions").Lacks("ended 71 sessions", "Newer")
	second := b.get(linkIn(t, first, "Older")).Wants(200, "ended 71 sessions", "Newer").Lacks("ended 72 sessions")
	third := b.get(linkIn(t, second, "Older")).Wants(200, "ended 2 sessions").Lacks("Older")
	b.get(linkIn(t, third, "Newer")).Wants(200, "ended 71 sessions", "ended 22 sessions").Lacks("ended 21 sessions")
}

// linkIn is where the link with that text leads.
func linkIn(t *testing.T, a *testkit.Reply, text string) string {
	t.Helper()
	before, _, ok := strings.Cut(a.Text, `">`+text+`</a>`)
	at := strings.LastIndex(before, `href="`)
	if !ok || at < 0 {
		t.Fatalf("%s has no link %q", a.What, text)
	}
	return strings.ReplaceAll(before[at+len(`href="`):], "&amp;", "&")
}
