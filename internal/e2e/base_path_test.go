package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"pagesession/internal/testkit"
	"pagesession/internal/text"
)

// base is a base path of two segments.
const base = "/a~b/pages"

// A crawler follows the addresses of a server below base.
type crawler struct {
	*server
	seen map[string]string // where each address was first found
	next []string          // addresses that were not yet asked for
}

// ask sends a request below the base path, and checks and keeps each address in the
// answer.
func (c *crawler) ask(method, path string, opts ...testkit.Option) *reply {
	c.t.Helper()
	r := c.do(method, base+path, opts...)
	c.read(r)
	return r
}

// read checks redirect, cookies and page of an answer.
func (c *crawler) read(r *reply) {
	c.t.Helper()
	if to := r.Header.Get("Location"); to != "" {
		c.add(r.What, to)
	}
	for _, cookie := range r.Cookies() {
		if !strings.HasPrefix(cookie.Path, base+"/") {
			c.t.Errorf("%s sets the cookie %s for %s; want it below %s", r.What, cookie.Name, cookie.Path, base)
		}
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		return
	}
	withoutScripts := strings.ReplaceAll(r.Text, "noscript>", "div>")
	for page := html.NewTokenizer(strings.NewReader(withoutScripts)); page.Next() != html.ErrorToken; {
		for _, attr := range page.Token().Attr {
			c.readAttribute(r, attr)
		}
	}
}

// refresh is the address in a meta element.
var refresh = regexp.MustCompile(`; url=(.*)`)

func (c *crawler) readAttribute(r *reply, attr html.Attribute) {
	c.t.Helper()
	isAddress := slices.Contains([]string{"href", "src", "action", "formaction"}, attr.Key)
	switch found := refresh.FindStringSubmatch(attr.Val); {
	case attr.Key == "content" && found != nil:
		c.add(r.What, found[1])
	case attr.Key == "data-base" && attr.Val != base+"/admin":
		c.t.Errorf("%s has data-base %q", r.What, attr.Val)
	case attr.Key == "data-base", attr.Key == "value", attr.Val == "" && r.StatusCode >= 400:
	case isAddress && !strings.HasPrefix(attr.Val, "#"), strings.HasPrefix(attr.Val, "/"):
		c.add(r.What, attr.Val)
	}
}

// add keeps an address that is not there yet. Of several queries with the same
// parameters one is enough.
func (c *crawler) add(where, address string) {
	c.t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Host != "" || u.Path != "" && !strings.HasPrefix(u.Path, base+"/") {
		c.t.Errorf("%s has the address %q; want it below %s", where, address, base)
		return
	}
	var parameters []string
	for name := range u.Query() {
		parameters = append(parameters, name)
	}
	slices.Sort(parameters)
	kind := fmt.Sprint(u.Path, parameters)
	if _, known := c.seen[kind]; u.Path != "" && !known {
		c.seen[kind] = where
		c.next = append(c.next, strings.TrimPrefix(address, base))
	}
}

// follow asks for all addresses, and for those on their pages, and returns their number.
func (c *crawler) follow(opts ...testkit.Option) int {
	c.t.Helper()
	n := 0
	for ; len(c.next) > 0; n++ {
		address := c.next[0]
		c.next = c.next[1:]
		r := c.ask("GET", address, opts...)
		if strings.HasPrefix(r.Header.Get("Content-Type"), "text/event-stream") {
			_ = r.Body.Close()
		}
		if r.StatusCode == http.StatusNotFound || r.StatusCode >= 500 {
			c.t.Errorf("GET %s, an address of the server's, = %d", address, r.StatusCode)
		}
	}
	return n
}

// All addresses of the public pages, in each language and each state of a session, and of
// the console are below the base path, and there.
func TestBasePath_AllAddresses(t *testing.T) {
	t.Parallel()
	s := start(t, "--base-path", base+"/", "--language", "auto", "--debug")
	c := &crawler{server: s, seen: map[string]string{}}
	var id string
	for _, cookie := range c.ask("GET", "/set/").Cookies() {
		id = cookie.Value
	}
	for _, tag := range text.Tags() {
		c.publicPages(testkit.Header("Accept-Language", tag), cookie(id))
	}
	if n := c.follow(); n < 9 {
		t.Errorf("%d public addresses; want more", n)
	}
	c.consolePages()
	for _, elsewhere := range []string{"/", "/get/", "/admin/", "/a~b/", base + "x/", strings.ToUpper(base) + "/", base + "//localhost/", base + "/../x/", base + "/%2e%2e/"} {
		s.get(elsewhere).Wants(http.StatusNotFound, `href="`+base+`/static/style.css"`, "404")
	}
	s.get(base+"?x=1").Wants(http.StatusMovedPermanently, "")
	for _, probe := range []string{"/livez", "/readyz", base + "/livez", base + "/readyz?verbose"} {
		s.get(probe).Wants(http.StatusOK)
	}
	c.stays()
}

// publicPages asks for each public page in a language.
func (c *crawler) publicPages(language, live testkit.Option) {
	c.t.Helper()
	dead, cross := cookie(strings.Repeat("A", 26)), testkit.Header("Sec-Fetch-Site", "cross-site")
	for _, path := range []string{"/", "/get/", "/set/", "/set/?name=", "/get/?was=idle", "/?was=live", "/nowhere/", "/session/refresh/", "/del"} {
		for _, with := range [][]testkit.Option{{language}, {language, live}, {language, dead}} {
			c.ask("GET", path, with...)
		}
	}
	c.ask("GET", "/set/", language, live, cross)
	c.ask("GET", "/del/", language, live, cross)
	c.ask("GET", "/", language, testkit.Header("Host", "unknown.example"))
	c.ask("POST", "/session/timeout/", language, live, testkit.Form("timeout", "21"))
	c.ask("POST", "/session/timeout/", language, live, testkit.Form("timeout", "60"))
	c.ask("POST", "/set/", language, live, testkit.Form("name", "Pema", "back", "/"))
	c.ask("POST", "/del/", language, testkit.Form("back", "/"))
}

// consolePages signs in, fills the console, and follows all of its addresses.
func (c *crawler) consolePages() {
	c.t.Helper()
	form := testkit.Header("Sec-Fetch-Site", "same-origin")
	c.ask("GET", "/admin").Wants(http.StatusSeeOther)
	c.ask("GET", "/admin/users/?q=x").Wants(http.StatusSeeOther)
	c.ask("GET", "/admin/login/?next=%2Fadmin%2Fusers%2F")
	link, key, _ := strings.Cut(strings.TrimPrefix(c.firstRunLink(), base), "#key=")
	c.client.Jar = map[string]string{}
	c.ask("GET", link)
	password := []string{"new1", consolePassword, "new2", consolePassword}
	c.ask("POST", "/admin/first-run/", form, testkit.Form(append(password, "key", key, "username", "ada")...)).Wants(http.StatusSeeOther)
	c.ask("POST", "/admin/users/add/", form, testkit.Form(append(password, "username", "bob")...)).Wants(http.StatusSeeOther)
	c.ask("POST", "/admin/groups/add/", form, testkit.Form("name", "editors")).Wants(http.StatusSeeOther)
	c.ask("POST", "/admin/theme/", form, testkit.Form("theme", "dark", "next", "/admin/users/")).Wants(http.StatusSeeOther)
	c.ask("POST", "/admin/users/add/", form, testkit.Form("username", "")).Wants(http.StatusUnprocessableEntity)
	c.ask("POST", "/admin/sessions/end/", form, testkit.Form("back", "/admin/sessions/?q=x", "handle", "nothing"))
	for range 60 { // more than fit on a page of the list
		delete(c.client.Jar, "sessionid")
		c.get(base + "/set/")
	}
	c.ask("GET", "/admin/nowhere/").Wants(http.StatusNotFound)
	c.seen, c.next = map[string]string{}, nil // the first run is over
	c.ask("GET", "/admin/").Wants(http.StatusOK, "Dashboard", "bob")
	if n := c.follow(); n < 50 {
		c.t.Errorf("%d addresses of the console; want more", n)
	}
}

// stays holds that a signed-in operator is led nowhere else, also by hostile addresses.
func (c *crawler) stays() {
	c.t.Helper()
	for _, next := range []string{"//evil.example/", "/admin/..//evil.example/", "/admin/%2e%2e/x", "/admin//x", "\\evil.example", "https://evil.example/", base + "/admin/"} {
		to := c.get(base + "/admin/login/?next=" + url.QueryEscape(next)).Header.Get("Location")
		if to != base+"/admin/" {
			c.t.Errorf("next=%s leads to %q; want the dashboard", next, to)
		}
	}
}

// Where browsers keep no sign-in, the page names the address of the console at the other
// end of the tunnel.
func TestBasePath_Tunnel(t *testing.T) {
	t.Parallel()
	s := start(t, "--base-path", base+"/", "--allowed-hosts", "pages.lan")
	r := s.do("GET", base+"/admin/login/", testkit.Header("Host", "pages.lan"))
	r.Wants(200, "<code>"+s.url+base+"/admin/</code>")
}
