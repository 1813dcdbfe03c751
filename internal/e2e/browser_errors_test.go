package e2e

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// reached are addresses whose answer is an error page, by its status.
var reached = map[string]string{
	"400": "/set/?name=%00",
	"404": "/nope",
	"405": "/session/timeout/",
	"431": "/?x=" + strings.Repeat("x", 12<<10),
	"503": "/set/?name=Ada", // another visitor has the only session
}

// sent are errors that come from forms.
var sent = []string{"403", "413"}

// Every error that a visitor can cause has an accessible page, in light and dark, which
// fits on every screen. TestBrowserAxe_PagesOfFaults has the others.
func TestBrowserAxe_ErrorPages(t *testing.T) {
	t.Parallel()
	s := start(t, "--max-sessions", "1", "--idle-timeout", "5m")
	s.set()
	b := open(t, s, 4*time.Minute)
	for code, path := range reached {
		b.open(path)
		b.errorPage(code)
	}
	b.open("/")
	eval[bool](b, `(document.querySelector('form[action="/set/"] input').removeAttribute('maxlength'),
  document.querySelector('form[action="/set/"] input').value = 'x'.repeat(40000), true)`)
	b.click(`form[action="/set/"] button`)
	b.errorPage("413")
	b.do("visit another site", chromedp.Navigate("data:text/html,<!DOCTYPE html><form method=post action='"+s.url+"/del/'><button>a prize</button></form>"))
	b.click("button")
	b.errorPage("403")
	b.forgive("status of 4", "status of 503")
}

// errorPage checks the page and that it is the one for a status.
func (b *tab) errorPage(code string) {
	b.t.Helper()
	b.answered(code)
	b.looked("error-" + code)
}

// answered checks the status of the open page.
func (b *tab) answered(code string) {
	b.t.Helper()
	if got := eval[int](b, `performance.getEntriesByType('navigation')[0].responseStatus`); strconv.Itoa(got) != code {
		b.t.Errorf("status %d; want %s\n%s", got, code, b.text())
	}
}

// These tests show every error that has texts.
func TestBrowserAxe_HasEveryError(t *testing.T) {
	raw, err := os.ReadFile("../text/locales/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]any
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	title := regexp.MustCompile(`^error\.(\d+)\.title$`)
	for key := range texts {
		code := title.FindStringSubmatch(key)
		if code != nil && reached[code[1]] == "" && asked[code[1]] == "" && !slices.Contains(sent, code[1]) {
			t.Errorf("no test shows the page %s in a browser", code[1])
		}
	}
}
