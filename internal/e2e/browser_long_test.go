package e2e

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"pagesession/internal/testkit"
)

// longNames are as long as a name may be, and have nowhere to break. The last are wider than
// a letter, and higher than a line.
var longNames = map[string]string{
	"W":     strings.Repeat("W", 100),
	"wide":  strings.Repeat("\ufdfd", 100),
	"marks": "e" + strings.Repeat("\u0301", 99),
	"words": strings.Repeat("Wwww ", 19) + "Wwwww",
}

// A name of any length wraps on each page, and on a small screen what a visitor needs stays in
// view.
func TestBrowserLong_Name(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "de", "hi"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			b := open(t, start(t, "--idle-timeout", "5m", "--language", language), 3*time.Minute)
			for kind, name := range longNames {
				for _, path := range []string{"/set/?name=" + url.QueryEscape(name), "/", "/get/"} {
					b.open(path)
					page, _, _ := strings.Cut(path, "?")
					b.hasItsButton(page+" with "+kind, "long-"+language+"-"+kind+strings.TrimSuffix(strings.ReplaceAll(page, "/", "-"), "-"))
				}
			}
		})
	}
}

// hasItsButton fails the test unless the open page fits on small screens and shows its main
// button there.
func (b *tab) hasItsButton(what, picture string) {
	b.t.Helper()
	for _, size := range [][2]int64{{1366, 657}, {768, 1024}, {360, 640}, {320, 568}} {
		b.screen(size[0], size[1], "light")
		b.drawn()
		width := strconv.FormatInt(size[0], 10)
		b.fits(what + " at " + width)
		if !eval[bool](b, mainInView) {
			b.t.Errorf("%s at %s: the main button is out of view", what, width)
		}
		b.keepsMarks(what)
		b.shootScreen(picture + "-" + width)
	}
}

// keepsMarks fails the test unless what a name draws above its letters is cut off.
func (b *tab) keepsMarks(what string) {
	b.t.Helper()
	if free := eval[[]string](b, `[...document.querySelectorAll('bdi')].filter((name) => {
  for (let e = name; e.localName !== 'main'; e = e.parentElement) if (getComputedStyle(e).display !== 'inline' && getComputedStyle(e).overflowY !== 'visible') return false;
  return name.checkVisibility();
}).map((name) => name.parentElement.outerHTML)`); len(free) > 0 {
		b.t.Errorf("%s: marks of a name may cover the page: %q", what, free)
	}
}

// mainInView is whether the whole main button is on the screen, and nothing over it.
const mainInView = `((button) => {
  const box = button.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight && document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2) === button;
})(document.querySelector('main .main'))`

// The question after a link on another site wraps the name that it asks about.
func TestBrowserLong_Question(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5m"), time.Minute)
	b.open("/set/?name=Pema")
	b.do("visit another site", chromedp.Navigate("data:text/html,<!DOCTYPE html><a href='"+b.s.url+"/set/?name="+longNames["W"]+"'>a prize</a>"))
	b.click("a")
	b.shows("Set your session?")
	b.hasItsButton("the question", "long-question")
}

// In the console a text of any length wraps: of sessions, of users and groups, of what is looked
// for.
func TestBrowserLong_Console(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	b := console(t, s, 4*time.Minute)
	b.addLongPeople()
	for _, name := range longNames {
		s.get("/set/?name="+url.QueryEscape(name), testkit.Header("User-Agent", strings.Repeat("W", 300)))
	}
	live, ended := b.sessionPath(1), b.sessionPath(2)
	b.open(ended)
	b.click(`main .danger`)
	paths := []string{ended, "/admin/users/2/", "/admin/users/2/delete/", "/admin/users/2/history/", "/admin/users/2/password/", "/admin/users/2/second-factor/", "/admin/users/delete/?id=1&id=2", "/admin/groups/delete/?id=1"}
	for _, list := range []string{"sessions", "users", "groups"} {
		paths = append(paths, "/admin/"+list+"/?q="+strings.Repeat("W", 200))
	}
	paths = append(paths, "/admin/log/?actor="+strings.Repeat("W", 150)+"&object="+strings.Repeat("W", 150), "/admin/login/?next=/admin/"+strings.Repeat("W", 200))
	for _, path := range slices.Concat(paths, consoleLooks(t, live, func(string) bool { return true })) {
		b.open(path)
		for _, width := range []int64{320, 360, 640, 768, 1366} {
			b.screen(width, 640, "light")
			b.drawn()
			what := path[:min(len(path), 40)] + " at " + strconv.FormatInt(width, 10)
			b.fits(what)
			b.keepsMarks(what)
			if width == 360 {
				b.shoot("long" + strings.ReplaceAll(path[:min(len(path), 40)], "/", "-"))
			}
		}
	}
	b.forgive("status of 404", "status of 422")
}

// addLongPeople adds a group and a user with the longest of everything.
func (b *tab) addLongPeople() {
	b.t.Helper()
	b.open("/admin/groups/add/")
	b.fill("#name", strings.Repeat("W", 150))
	b.click(".save button.main")
	b.open("/admin/users/add/")
	for id, text := range map[string]string{
		"#username": strings.Repeat("w", 150), "#email": strings.Repeat("w", 60) + "@" + strings.Repeat(strings.Repeat("w", 60)+".", 3) + "org",
		"#first_name": strings.Repeat("W", 150), "#last_name": strings.Repeat("W", 150), "#new1": consolePassword, "#new2": consolePassword,
	} {
		b.fill(id, text)
	}
	b.press("#is_staff")
	b.press("[name=groups]")
	b.click(".save button.main")
	b.shows("was added")
}
