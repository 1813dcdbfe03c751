package e2e

import (
	"testing"
	"time"
)

// inhabit adds two groups and a few users, one of them with long names.
func (b *tab) inhabit() {
	b.t.Helper()
	for name, permission := range map[string]string{"editors": "view_session", "people who look after the sessions at night": "delete_session"} {
		b.open("/admin/groups/add/")
		b.fill("#name", name)
		b.press("[value=" + permission + "]")
		b.click(".save button.main")
	}
	for _, u := range [][4]string{
		{"bob", "bob@example.org", "Bob", "Dorji"},
		{"Pema.Wangmo-with-a-long-name@example.org", "pema.wangmo.with.a.long.name@mail.example.org", "Pema", "Wangmo"},
	} {
		b.open("/admin/users/add/")
		for i, id := range []string{"#username", "#email", "#first_name", "#last_name"} {
			b.fill(id, u[i])
		}
		b.fill("#new1", consolePassword)
		b.fill("#new2", consolePassword)
		b.press("#is_staff")
		b.press("[name=groups]")
		b.click(".save button.main")
	}
}

// Every page about users and groups fits on every screen, in both themes, and is
// accessible. The pictures are for people to look at.
func TestBrowserPeople_Look(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := console(t, s, 4*time.Minute)
	b.inhabit()
	aboutOthers := func(path string) bool { return !aboutSessions(path) }
	for _, path := range consoleLooks(t, "", aboutOthers) {
		b.look(path)
	}
	for name, path := range map[string]string{
		"users-none":   "/admin/users/?q=nobody",
		"user-other":   "/admin/users/2/",
		"user-delete":  "/admin/users/3/delete/",
		"users-delete": "/admin/users/delete/?id=1&id=2&id=3",
		"group-long":   "/admin/groups/2/",
		"log-wrong":    "/admin/log/?actor=nobody&object=x&from=yesterday",
		"not-found":    "/admin/users/77/",
	} {
		b.open(path)
		b.looked("console-" + name)
	}
	b.open("/admin/backups/")
	b.click("main .heading button")
	b.looked("console-backups-one")
	b.open("/admin/users/add/")
	b.fill("#username", "a name with blanks")
	b.fill("#new1", "1234567")
	b.fill("#new2", "1234567")
	b.click(".save button.main")
	b.shows("Correct the fields marked below.")
	b.looked("console-user-add-wrong")
	b.forgive("status of 404", "status of 422")
}

// The pages before the sign-in do so as well.
func TestBrowserPeople_LookBeforeLogin(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := open(t, s, 4*time.Minute)
	b.open(s.firstRunLink())
	b.looked("console-first-run")
	b.open("/admin/login/?was=idle")
	b.looked("console-login")
	b.login("nobody", "wrong")
	b.looked("console-login-wrong")
	b.forgive("status of 403")
}

// The theme that an operator chooses wins over the system's, on every page.
func TestBrowserPeople_Theme(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := console(t, s, 2*time.Minute)
	b.screen(1280, 800, "light")
	b.open("/admin/users/")
	light := eval[string](b, `getComputedStyle(document.documentElement).backgroundColor`)
	eval[bool](b, `((select) => { select.value = 'dark'; select.dispatchEvent(new Event('change')); return true; })(document.querySelector('#theme'))`)
	b.until("the dark theme", `document.documentElement.dataset.theme === 'dark' && document.readyState === 'complete'`)
	if got := b.path(); got != "/admin/users/" {
		t.Errorf("choosing a theme leads to %s; want back", got)
	}
	if dark := eval[string](b, `getComputedStyle(document.documentElement).backgroundColor`); dark == light {
		t.Errorf("the page is %s still", dark)
	}
	b.axe("users in the chosen dark theme")
	b.open("/admin/log/")
	b.until("the dark theme", `document.documentElement.dataset.theme === 'dark'`)
	b.forgive("NavigationEntryMarkedSkippable") // the test touches nothing on the page
}
