package console_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/control"
	"pagesession/internal/testkit"
	"pagesession/storage/record"
)

// Superusers export and erase what is kept of an operator. The file is not cached, and the
// operator is signed out.
func TestPersonData_Operator(t *testing.T) {
	d := openConsole(t)
	ada, bob := d.superuser("ada"), d.staff("bob", account.ViewSession)
	d.staff("editor", account.ViewUser, account.ChangeUser, account.DeleteUser)
	b, theirs, editor := d.as("ada"), d.as("bob"), d.as("editor")
	data := userAt(bob, "data/")
	b.get(userAt(bob, "")).Wants(200, `href="`+data+`"`)
	editor.get(userAt(bob, "")).Wants(200).Lacks(data)
	editor.get(data).Wants(403)
	editor.post(data + "export/").Wants(403)
	editor.post(data+"erase/", "words", "bob").Wants(403)
	b.get(data).Wants(200, "Export data", "Erase data", "<kbd>bob</kbd>")

	file := b.post(data + "export/").Wants(200)
	var got control.PersonalData
	if err := json.Unmarshal([]byte(file.Text), &got); err != nil || len(got.Operators) != 1 || got.Operators[0].Account.Username != "bob" || len(got.Operators[0].Sessions) != 1 {
		t.Errorf("the export is %s, %v; want bob with a session", file.Text, err)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Content-Type": "application/json; charset=utf-8", "Content-Disposition": `attachment; filename="pagesession-operator-`,
	} {
		if got := file.Header.Get(name); !strings.Contains(got, want) {
			t.Errorf("the export has %s: %q; want %q", name, got, want)
		}
	}
	file.Lacks("argon2", `"ada"`)

	b.post(data+"erase/", "words", "Bob").Wants(422, "The text does not match. Nothing was erased.")
	theirs.get("/admin/").Wants(200)
	if a := b.post(data+"erase/", "words", "bob").Wants(303); a.Leads() != "/admin/users/" {
		t.Errorf("the erasure leads to %s; want the list", a.Leads())
	}
	b.get("/admin/users/").Wants(200, "The data of the user was erased").Lacks(">bob<")
	b.get(data).Wants(404)
	theirs.get("/admin/").Wants(303)
	b.get("/admin/log/").Wants(200, "<b>ada</b> erased the data of", "<b>"+account.ErasedName(bob.ID)+"</b>").Lacks(">bob<")
	b.get(userAt(ada, "data/")).Wants(200, "Export data", "This is you").Lacks("Erase data")
	b.post(userAt(ada, "data/erase/"), "words", "ada").Wants(403, "This is you")
}

// Superusers export and erase what is kept of a visitor.
func TestPersonData_Visitor(t *testing.T) {
	d := openConsole(t)
	d.superuser("ada")
	d.staff("ender", account.ViewSession, account.DeleteSession)
	b, ender := d.as("ada"), d.as("ender")
	pema, other := d.visitor("Pema"), d.visitor("Sonam")
	at := func(h record.Handle) string { return "/admin/sessions/" + h.String() + "/" }
	b.get(at(pema)).Wants(200, at(pema)+"data/")
	ender.get(at(pema)).Wants(200).Lacks(at(pema) + "data/")
	ender.post(at(pema)+"data/erase/", "words", pema.Fingerprint()).Wants(403)
	b.get(at(pema)+"data/").Wants(200, "<kbd>"+pema.Fingerprint()+"</kbd>")
	b.post(at(pema)+"data/export/").Wants(200, `"Pema"`, pema.Fingerprint()).Lacks(pema.String(), "Sonam")
	b.post(at(pema)+"data/erase/", "words", "x").Wants(422)
	b.post(at(pema)+"data/erase/", "words", pema.Fingerprint()).Wants(303)
	b.get("/admin/sessions/").Wants(200, "The data of the visitor was erased, with 1 session.", "Sonam").Lacks("Pema")
	for _, a := range []*testkit.Reply{
		b.get(at(pema) + "data/"), b.post(at(pema) + "data/export/"), b.post(at(pema)+"data/erase/", "words", pema.Fingerprint()),
	} {
		if a.Wants(303); a.Leads() != at(pema) {
			t.Errorf("%s leads to %s; want the page that says that the session has ended", a.What, a.Leads())
		}
	}
	b.get(at(other)).Wants(200, "Sonam")
	for action, n := range map[account.Action]int{account.ActionExport: 1, account.ActionErase: 1} {
		if e := d.entries(account.EntryQuery{Action: action}); len(e) != n || e[0].ObjectID != "" || e[0].Count != 1 {
			t.Errorf("%s: entries %+v; want %d, about one session that is not named", action, e, n)
		}
	}
}

// After an erasure the page of the last end of matching sessions has nothing of what was searched for.
func TestPersonData_ErasesTheSearch(t *testing.T) {
	d := watchers(t)
	d.visitor("Pema")
	d.clock.Advance(time.Second)
	b := d.as("ada")
	const search = "/admin/sessions/matching/?q=Pema"
	b.post(search, confirmed(b.get(search).Wants(200))...).Wants(303)
	b.ended().Wants(200, "1 of 1 ended", "search “Pema”", "by ada")
	again := d.visitor("Pema")
	b.post(sessionAt(again)+"data/erase/", "words", again.Fingerprint()).Wants(303)
	b.get("/admin/sessions/ending/").Wants(200, "1 of 1 ended", "search (erased)", "by ada").Lacks("Pema")
}
