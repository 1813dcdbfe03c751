package e2e

import (
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// consolePassword is one that the validators have nothing against.
const consolePassword = "correct horse battery 7"

// firstRunLink is the link that the server printed.
func (s *server) firstRunLink() string {
	s.t.Helper()
	found := regexp.MustCompile(`http://[^/]+(/admin/first-run/\?key=[A-Z2-7]+)`).FindStringSubmatch(s.out.String())
	if found == nil {
		s.t.Fatalf("no link for the first run:\n%s", s.out)
	}
	return found[1]
}

func (b *tab) fill(selector, value string) {
	b.t.Helper()
	if value == "" {
		return
	}
	b.do("fill in "+selector, chromedp.SetValue(chromedp.CSS(selector), value))
}

// founded is a server whose first superuser, ada, has just been made, and the
// browser in which she is.
func founded(t *testing.T) (*server, *tab) {
	t.Helper()
	s := start(t)
	b := open(t, s, 4*time.Minute)
	b.visit(s.firstRunLink())
	b.fill("#username", "ada")
	b.fill("#email", "ada@example.org")
	b.fill("#new1", consolePassword)
	b.fill("#new2", consolePassword)
	b.click("main button.main")
	return s, b
}

func (b *tab) login(username, password string) {
	b.t.Helper()
	b.visit("/admin/login/")
	b.fill("#username", username)
	b.fill("#password", password)
	b.click("main button.main")
}
