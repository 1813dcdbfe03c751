package e2e

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Every error that a visitor can cause has an accessible page. 408 is for clients that
// send nothing, and 500 for a fault of the server.
func TestBrowserAxe_ErrorPages(t *testing.T) {
	t.Parallel()
	s := start(t, "--max-sessions", "1", "--idle-timeout", "5m")
	s.set() // another visitor has the only session
	b := open(t, s, 2*time.Minute)
	b.screen(390, 844, "light")
	for _, page := range []struct {
		code, path string
	}{
		{"400", "/set/?name=%00"},
		{"404", "/nope"},
		{"405", "/session/timeout/"},
		{"431", "/?x=" + strings.Repeat("x", 12<<10)},
		{"503", "/set/?name=Ada"},
	} {
		b.open(page.path)
		b.errorPage(page.code)
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

// errorPage checks that the page is the one for a status.
func (b *tab) errorPage(code string) {
	b.t.Helper()
	got := eval[int](b, `performance.getEntriesByType('navigation')[0].responseStatus`)
	if strconv.Itoa(got) != code {
		b.t.Errorf("status %d; want %s", got, code)
	}
	b.axe("page " + code)
	b.fits("page " + code)
}
