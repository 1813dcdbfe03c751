package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sentence matches a row of the console's table of errors: status, title, what happened, what to do.
var sentence = regexp.MustCompile(`(?m)^\t(\d{3}): \{"([^"]+)", "([^"]+)", "([^"]+)"\},$`)

// The page of each error in the console's table fits on every screen, also of those that no test
// can cause.
func TestBrowserWidths_ConsoleErrors(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join(root, "internal/console/errors.go"))
	if err != nil {
		t.Fatal(err)
	}
	rows := sentence.FindAllStringSubmatch(string(source), -1)
	if n := strings.Count(string(source), `: {"`); len(rows) != n || n < 10 {
		t.Fatalf("%d of %d rows of the table of errors are understood; want all", len(rows), n)
	}
	b := console(t, start(t), 4*time.Minute)
	b.open("/admin/nowhere/")
	for _, row := range rows {
		eval[bool](b, `((code, title, what, todo) => {
  document.querySelector('.code').textContent = code;
  document.querySelector('h1').textContent = document.querySelector('[aria-current=page]').textContent = title;
  document.querySelector('.words h2').textContent = what;
  document.querySelector('.words p').textContent = todo;
  return true;
})(`+quoted(row[1])+`,`+quoted(row[2])+`,`+quoted(row[3])+`,`+quoted(row[4])+`)`)
		b.fitsEverywhere("the page of " + row[1])
	}
	b.forgive("status of 404")
}

// fitsEverywhere fails the test unless the open page fits on phones, a tablet and a screen, also
// at 200 % of it.
func (b *tab) fitsEverywhere(what string) {
	b.t.Helper()
	for _, width := range []int64{320, 360, 640, 768, 1280} {
		b.screen(width, 720, "light")
		b.drawn()
		b.fits(what + " at " + strconv.FormatInt(width, 10))
	}
}

// The menu under the operator's name fits on a phone when it is open.
func TestBrowserWidths_ConsoleMenu(t *testing.T) {
	t.Parallel()
	b := console(t, start(t), 2*time.Minute)
	b.open("/admin/password/")
	b.press(".menu summary")
	for _, width := range []int64{320, 360, 768} {
		b.screen(width, 720, "light")
		b.drawn()
		if off := eval[[]string](b, `[...document.querySelectorAll('.menu ul, .menu a, .menu select, .me > form button')].filter((e) => {
  const box = e.getBoundingClientRect();
  return !e.checkVisibility() || box.left < 0 || box.right > innerWidth || e.scrollWidth > e.clientWidth + 1;
}).map((e) => e.textContent)`); len(off) > 0 {
			t.Errorf("at %d pixels of the open menu these are off the screen or cut: %q", width, off)
		}
	}
	b.shootScreen("console-menu")
}

// A fact and its name are in one line where there is room.
func TestBrowserWidths_Facts(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	s.get("/set/?name=Pema")
	b := console(t, s, 2*time.Minute)
	for _, path := range []string{b.sessionPath(0), "/admin/users/1/"} {
		for _, width := range []int64{360, 768, 1280} {
			b.screen(width, 720, "light")
			b.open(path)
			b.drawn()
			if apart := eval[[]string](b, `[...document.querySelectorAll('dl div')].filter((row) => {
  const [name, fact] = [...row.children].map((e) => { // the text alone
    const range = document.createRange();
    range.selectNodeContents(e);
    return range.getBoundingClientRect();
  });
  return fact.top >= name.bottom && name.width + fact.width < row.clientWidth - 20;
}).map((row) => row.innerText)`); len(apart) > 0 {
				t.Errorf("%s at %d: these facts are below their names: %q", path, width, apart)
			}
		}
	}
}

// pale are the texts that are too light for white paper, and blind are what paper cannot be
// pressed or typed into.
const (
	pale = `[...document.querySelectorAll('body *')].filter((e) => {
  const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const [r, g, b] = (getComputedStyle(e).color.match(/[\d.]+/g) ?? []).map((n) => (n / 255) ** 2.2);
  return text && e.checkVisibility({visibilityProperty: true}) && .2126 * r + .7152 * g + .0722 * b > .18;
}).map((e) => e.outerHTML.slice(0, 80))`
	blind = `[...document.querySelectorAll('button, .button, select, nav')].filter((e) => e.checkVisibility()).map((e) => e.outerHTML.slice(0, 80))`
)

// On paper, in the dark theme too, each page of the console is dark on white, and has what the page
// is about without buttons.
func TestBrowserWidths_ConsolePrinted(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	s.get("/set/?name=Pema")
	b := console(t, s, 4*time.Minute)
	b.inhabit()
	b.screen(1280, 800, "dark")
	for _, path := range consoleLooks(t, b.sessionPath(0), func(string) bool { return true }) {
		b.open(path)
		eval[bool](b, `(document.documentElement.dataset.theme = 'dark', true)`)
		b.printed()
		if found := eval[[]string](b, pale); len(found) > 0 {
			t.Errorf("%s is printed with pale texts: %q", path, found)
		}
		if found := eval[[]string](b, blind); len(found) > 0 {
			t.Errorf("%s is printed with %q", path, found)
		}
		b.shoot("printed" + strings.TrimSuffix(strings.ReplaceAll(aHandle.ReplaceAllString(path, "one"), "/", "-"), "-"))
		b.onScreen()
	}
	b.open("/admin/users/")
	b.printed()
	b.shows("Users", "bob@example.org")
	b.onScreen()
	b.forgive("status of 404")
}

// unseen are the controls that show no focus of the keyboard, or only a part of it because what
// they are in cuts it off.
const unseen = `[...document.querySelectorAll('a, button, select, summary, textarea, input:not([type=hidden])')].filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.disabled && !e.closest('.skip')).filter((e) => {
  e.focus({focusVisible: true});
  const style = getComputedStyle(e), reach = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
  if (document.activeElement !== e || style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) return true;
  const box = e.getBoundingClientRect();
  for (let out = e.parentElement; out !== document.body; out = out.parentElement) {
    const edge = out.getBoundingClientRect(), {overflowX, overflowY} = getComputedStyle(out);
    if (overflowX !== 'visible' && (box.left - reach < edge.left - 1 || box.right + reach > edge.right + 1)) return true;
    if (overflowY !== 'visible' && (box.top - reach < edge.top - 1 || box.bottom + reach > edge.bottom + 1)) return true;
  }
  return false;
}).map((e) => e.outerHTML.slice(0, 80))`

// Whatever has the focus of the keyboard shows it, on each page of the console.
func TestBrowserWidths_ConsoleFocus(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	s.get("/set/?name=Pema")
	b := console(t, s, 4*time.Minute)
	b.inhabit()
	for _, path := range consoleLooks(t, b.sessionPath(0), func(string) bool { return true }) {
		b.open(path)
		for _, width := range []int64{360, 1280} {
			b.screen(width, 720, "light")
			b.drawn()
			if found := eval[[]string](b, unseen); len(found) > 0 {
				t.Errorf("%s at %d: the focus is not seen on %q", path, width, found)
			}
		}
	}
	b.forgive("status of 404")
}
