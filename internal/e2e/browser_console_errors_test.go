package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pagesession/internal/testkit"
)

// submit sends a form of the open page's site: a path and the fields as a query. It is what
// a page of the console would send if it were out of date.
const submit = `((path, fields) => {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = path;
  for (const [name, value] of new URLSearchParams(fields)) {
    const input = document.createElement('input');
    input.type = 'hidden';
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
  return true;
})`

// Errors of the console have accessible pages, in light and dark, which fit on every screen.
func TestBrowserConsole_ErrorPages(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := console(t, s, 4*time.Minute)
	for code, path := range map[string]string{"404": "/admin/users/77/", "405": "/admin/logout/"} {
		b.open(path)
		b.consoleError(code)
	}

	b.open("/admin/groups/add/")
	b.fill("#name", "editors")
	b.click(".save button.main")
	b.open("/admin/groups/1/")
	other := b.another()
	other.open("/admin/groups/1/")
	other.fill("#name", "authors")
	other.click(".save button.main")
	b.fill("#name", "writers")
	b.click(".save button.main")
	b.consoleError("409")

	b.open("/admin/sessions/")
	var many strings.Builder
	for i := range 501 {
		fmt.Fprintf(&many, "&handle=%032x", i)
	}
	eval[bool](b, submit+`('/admin/sessions/end/', `+quoted(many.String()[1:])+`)`)
	b.arrives("Too many sessions")
	b.consoleError("413")
	b.forgive("status of 4", "NavigationEntryMarkedSkippable") // a script sends a form
}

// An operator without permissions is told so, and so is one who has to wait.
func TestBrowserConsole_RefusedPages(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := console(t, s, 4*time.Minute)
	b.inhabit()
	other := open(t, s, 4*time.Minute)
	other.open("/admin/login/")
	other.login("bob", consolePassword)
	other.open("/admin/log/")
	other.consoleError("403")
	for range 11 {
		s.post("/admin/login/", testkit.Header("Sec-Fetch-Site", "same-origin"), testkit.Form("username", "carol", "password", "wrong"))
	}
	late := open(t, s, 4*time.Minute)
	late.open("/admin/login/")
	late.login("carol", "wrong")
	late.consoleError("429")
	for _, tab := range []*tab{other, late} {
		tab.forgive("status of 4")
	}
}

// While the accounts are unavailable the console has one page, which says what to do.
func TestBrowserConsole_AwayPage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "accounts.sqlite"), []byte(strings.Repeat("damaged ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startIn(t, dir)
	s.faulty = true
	s.await("accounts that are away", func() bool { return s.get("/admin/login/").StatusCode == http.StatusServiceUnavailable })
	b := open(t, s, 4*time.Minute)
	b.open("/admin/login/")
	b.shows("Accounts unavailable")
	b.consoleError("503")
	b.forgive("status of 503")
}

// consoleError checks the page and that it is the one for a status.
func (b *tab) consoleError(code string) {
	b.t.Helper()
	b.answered(code)
	b.looked("console-error-" + code)
}
