package console_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"pagesession/internal/account"
)

const consolesAt = "/admin/console-sessions/"

// handlesIn are the handles that a page's boxes have, in their order.
func handlesIn(page string) (all []string) {
	for _, found := range regexp.MustCompile(`name="handle" value="([0-9a-f]{32})"`).FindAllStringSubmatch(page, -1) {
		all = append(all, found[1])
	}
	return all
}

// The list has the sessions of all operators: whose, from where, how. Others than those with the
// permission do not see it.
func TestConsoleList(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.staff("bob", account.ViewUser)
	d.staff("viewer", account.ViewConsole)
	d.staff("guard", account.DeleteConsole)
	d.as("bob").get("/admin/").Wants(200).Lacks("Operators’ sessions")
	d.clock.Advance(time.Minute)
	ada := d.as("ada")
	bob := must(d.accounts.UserByName(t.Context(), "bob"))
	bob.Email, bob.LastName = "secret@example.org", "Secret"
	must(d.accounts.UpdateUser(t.Context(), owner, bob))
	d.run(t, []scenario{
		{who: "viewer", path: consolesAt + "?q=secret", status: 200, contains: []string{"No matching sessions"}},
		{who: "bob", path: consolesAt, status: 403},
		{who: "viewer", path: consolesAt, status: 200, contains: []string{"<bdi>ada</bdi>", "<bdi>bob</bdi>", "1 min ago", "127.0.0.1", ">password</td>", `href="/admin/console-sessions/">Operators’ sessions`}, lacks: []string{"End selected", "/admin/users/"}},
		{who: "viewer", path: consolesAt + "?q=BO", status: 200, contains: []string{"<bdi>bob</bdi>"}, lacks: []string{"<bdi>ada</bdi>"}},
		{who: "viewer", path: consolesAt + "?q=none.such", status: 200, contains: []string{"No matching sessions"}},
		{who: "viewer", method: "POST", path: consolesAt + "end/", form: []string{}, status: 403},
		{who: "guard", path: consolesAt, status: 200, contains: []string{"End selected"}},
	})
	ada.get(consolesAt+"?q=127.0.0.1").Wants(200, "<bdi>bob</bdi>", "current</span>")
}

// An end needs a second click, signs the operators out with a reason, and is in the audit log.
func TestConsolesEnd(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.staff("bob")
	d.staff("guard", account.DeleteConsole)
	bob, other, ada, guard := d.as("bob"), d.as("bob"), d.as("ada"), d.as("guard")
	bobs := handlesIn(guard.get(consolesAt + "?q=bob").Wants(200).Text)
	adas := handlesIn(guard.get(consolesAt+"?q=ada").Wants(200, "disabled data-pick").Text)
	own := handlesIn(guard.get(consolesAt + "?q=guard").Wants(200).Text)
	if len(bobs) != 2 || len(adas) != 1 || len(own) != 1 {
		t.Fatalf("the list has %q, %q and %q; want two sessions, one and one", bobs, adas, own)
	}
	const end = consolesAt + "end/"
	guard.post(end, "handle", bobs[0], "handle", bobs[1], "handle", own[0]).Wants(200, "End 2 operators’ sessions?", "<bdi>bob</bdi>").Lacks("guard</bdi>")
	bob.get("/admin/").Wants(200)
	guard.post(end, "handle", adas[0], "handle", bobs[0], "sure", "yes").Wants(403)
	bob.get("/admin/").Wants(200)
	ada.get("/admin/").Wants(200)
	guard.post(end, "handle", bobs[0], "handle", bobs[1], "handle", own[0], "sure", "yes").Wants(303)
	for _, b := range []*browser{bob, other} {
		b.get(b.get("/admin/").Wants(303).Leads()).Wants(200, "your session was ended elsewhere")
	}
	guard.get(consolesAt).Wants(200, "2 sessions were ended").Lacks("<bdi>bob</bdi>")
	ada.get("/admin/log/?kind=console").Wants(200, "<b>guard</b> ended 2 console sessions of bob")
	ada.post(end, "handle", own[0], "sure", "yes").Wants(303)
	guard.get("/admin/").Wants(303)
	ada.post(end).Wants(303)
}

// The list is paged, and leaves out sessions that an old password has.
func TestConsoleList_Pages(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	for i := range 60 {
		d.staff(fmt.Sprintf("user%02d", i))
		d.as(fmt.Sprintf("user%02d", i))
	}
	gone := must(d.accounts.UserByName(t.Context(), "user07"))
	if _, err := d.accounts.SetPassword(t.Context(), owner, gone.ID, password+"8"); err != nil {
		t.Fatal(err)
	}
	ada := d.as("ada")
	first := ada.get(consolesAt).Wants(200, "1 to 50 of 60")
	if second := ada.get(linkIn(t, first, "Next")).Wants(200); len(handlesIn(second.Text)) != 10 {
		t.Errorf("the second page has %d rows; want 10", len(handlesIn(second.Text)))
	}
	ada.get(consolesAt+"?q=user07").Wants(200, "No matching sessions")
}
