package e2e

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// consoleLooks returns the pages of the route table that the filter takes. The page
// of a session is at the given path.
func consoleLooks(t *testing.T, session string, take func(path string) bool) (paths []string) {
	t.Helper()
	for _, page := range consolePages(t, path.Base(session)) {
		if !page.endpoint && take(page.path) {
			paths = append(paths, page.path)
		}
	}
	return paths
}

func aboutSessions(path string) bool {
	return path == "/admin/" || strings.HasPrefix(path, "/admin/sessions/")
}

// look opens a page of the route table and checks it on every screen.
func (b *tab) look(path string) {
	b.t.Helper()
	b.open(path)
	if path == "/admin/" {
		b.until("charts", `document.querySelectorAll('.uplot canvas').length === 6`)
	}
	name := strings.ReplaceAll(strings.TrimPrefix(path, "/admin"), "/", "-")
	b.looked("console" + strings.TrimSuffix(aHandle.ReplaceAllString(name, "one"), "-"))
}

// aHandle matches a session's handle, which differs from run to run.
var aHandle = regexp.MustCompile(`[0-9a-f]{32}`)

// Every page about sessions fits on every screen, in both themes, and is
// accessible. The pictures are for people to look at.
func TestBrowserConsole_Look(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	b := console(t, s, 4*time.Minute)
	b.screen(320, 568, "light")
	b.open("/admin/")
	b.fits("the dashboard of a new server on a phone")
	for i := range 60 {
		s.get(fmt.Sprintf("/set/?name=Visitor%d", i))
	}
	s.get("/set/?name=" + strings.Repeat("Wwwwwwwwww", 10))
	live, ended := b.sessionPath(1), b.sessionPath(2)
	b.open(ended)
	b.click(`main .danger`)
	for _, path := range consoleLooks(t, live, aboutSessions) {
		b.look(path)
	}
	for name, path := range map[string]string{
		"sessions-last":  "/admin/sessions/?p=2",
		"sessions-none":  "/admin/sessions/?q=nobody",
		"sessions-ended": "/admin/sessions/?state=ended",
		"session-ended":  ended,
	} {
		b.open(path)
		b.looked("console-" + name)
	}
	b.open("/admin/sessions/")
	b.press(`[data-pick-all]`)
	b.click(`.bar .danger`)
	b.looked("console-sessions-end")
}

// The theme that is chosen wins over the system's, and is as readable.
func TestBrowserConsole_Theme(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	s.get("/set/?name=Pema")
	b := console(t, s, 2*time.Minute)
	for _, theme := range []struct{ chosen, system string }{{"dark", "light"}, {"light", "dark"}} {
		b.screen(1280, 800, theme.system)
		b.open("/admin/")
		b.arrives("Dashboard")
		eval[bool](b, `(document.querySelector('#theme').value = `+quoted(theme.chosen)+`, document.querySelector('#theme').dispatchEvent(new Event('change')), true)`)
		b.until("the theme", `document.documentElement.dataset.theme === `+quoted(theme.chosen))
		for name, path := range map[string]string{"dashboard": "/admin/", "sessions": "/admin/sessions/"} {
			b.open(path)
			b.axe(name + " chosen " + theme.chosen)
			b.shootScreen("console-" + name + "-chosen-" + theme.chosen)
		}
	}
	b.forgive("NavigationEntryMarkedSkippable") // the test presses without a mouse
}

// sessionPath returns the path of the nth session on the list.
func (b *tab) sessionPath(n int) string {
	b.t.Helper()
	b.open("/admin/sessions/")
	return eval[string](b, fmt.Sprintf(`document.querySelectorAll('tbody .who a')[%d].pathname`, n))
}

// The console works without scripts: figures, lists, and ending sessions.
func TestBrowserConsole_WithoutScript(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	s.get("/set/?name=Pema")
	s.get("/set/?name=Sonam")
	b := console(t, s, 2*time.Minute)
	b.withoutScript()
	b.open("/admin/")
	b.shows("Live sessions", "Tasks are what this server does at the same time.", "Your recent actions")
	b.open("/admin/sessions/")
	b.shows("Pema", "Sonam", "2 in all")
	first, other := "Sonam", "Pema"
	if text := b.text(); strings.Index(text, other) < strings.Index(text, first) { // they began in one millisecond
		first, other = other, first
	}
	b.do("select one", chromedp.Click(chromedp.CSS(`tbody tr:first-child [type=checkbox]`)))
	b.click(`.bar .danger`)
	b.shows("End 1 session?", first)
	b.click(`main .danger`)
	b.shows("The session was ended.", "1 in all", other)
}
