package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"pagesession/internal/testkit"
)

// The browser finds these names at 127.0.0.1, and treats them as any http site.
const (
	ownName     = "h5.test"
	foreignName = "evil.test"
)

// named is the server as a browser reaches it under another name.
func (s *server) named(host string) *server {
	other := *s
	_, port, _ := strings.Cut(s.addr, ":")
	other.url = "http://" + host + ":" + port
	return &other
}

// at leaves a tab at another name of its server, and forgets what it has asked others.
func (b *tab) at(s *server) *tab {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.s, b.requests = s, nil
	return b
}

// plain forgives what a browser says of each page at an http name.
func (b *tab) plain() { b.forgive("Cross-Origin-Opener-Policy") }

// A foreignSite is another site, whose pages are markup that a test gives.
type foreignSite struct{ url string }

// startForeign starts another site under foreignName. Its page /NAME has that markup; /to
// redirects to the address in its query.
func startForeign(t *testing.T, pages map[string]string) *foreignSite {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/to" {
			http.Redirect(w, r, r.URL.Query().Get("url"), http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><link rel="icon" href="data:,"><title>x</title>%s`, pages[r.URL.Path[1:]])
	}))
	t.Cleanup(s.Close)
	return &foreignSite{strings.Replace(s.URL, "127.0.0.1", foreignName, 1)}
}

// openAt opens a page of another site, from which the tab may go on by itself.
func (b *tab) openAt(url string) {
	b.t.Helper()
	b.do("open "+url, chromedp.Navigate(url))
}

// Another site sends a visitor to /del/ and /set/ in every way that a page has. The visitor
// is asked, and the session lives. Links on the server's own pages work at once.
func TestBrowserPlainHTTP_OtherSite(t *testing.T) {
	t.Parallel()
	s := start(t, "--allowed-hosts", ownName, "--idle-timeout", "5m").named(ownName)
	del, set := s.url+"/del/", s.url+"/set/?name=Mallory"
	script := func(code string) string { return "<script>" + code + "</script>" }
	site := startForeign(t, map[string]string{
		"location":    script("location = '" + del + "'"),
		"rename":      script("location = '" + set + "'"),
		"slashless":   script("location = '" + s.url + "/del'"),
		"no-referrer": `<meta name="referrer" content="no-referrer">` + script("location = '"+del+"'"),
		"refresh":     `<meta http-equiv="refresh" content="0; url=` + del + `">`,
		"form":        `<form action="` + del + `"></form>` + script("document.forms[0].submit()"),
		"redirect":    script("location = '/to?url=" + del + "'"),
	})
	b := open(t, s, 2*time.Minute)
	b.open("/")
	eval[bool](b, `(location = '/set/?name=Pema', true)`)
	b.arrives("Session setting up...........")
	for name, asked := range map[string]string{
		"location": "/del/", "rename": "/set/", "slashless": "/del/", "no-referrer": "/del/", "refresh": "/del/", "form": "/del/", "redirect": "/del/",
	} {
		b.openAt(site.url + "/" + name)
		b.until(name+" asks", `location.hostname === '`+ownName+`' && document.querySelector('form[action="`+asked+`"][method=post]')`)
		b.shows("Another site may have sent you here")
		b.open("/get/")
		b.shows(getTitle, "Pema")
	}
	b.openAt(site.url + "/location")
	b.until("the page that asks", `location.pathname === '/del/'`)
	b.looked("plain-confirm")
	b.click(".words form button")
	b.arrives("You session has been deleted successfully")
	b.open("/")
	eval[bool](b, `(location = '/set/?name=Robin', true)`)
	b.arrives("Session setting up...........")
	eval[bool](b, `(location = '/del/', true)`)
	b.arrives("You session has been deleted successfully")
	b.plain()
	b.forgive("NavigationEntryMarkedSkippable", "BounceTrackingIssue") // nothing is touched, as on such a site
	b.at(s)
}

// At an http name the console says before the form, and after it, that browsers keep no
// sign-in there. The link for the first operator says where it works, and stays good.
func TestBrowserPlainHTTP_Console(t *testing.T) {
	t.Parallel()
	s := start(t, "--allowed-hosts", ownName+",127.0.0.1,localhost")
	b := open(t, s.named(ownName), 2*time.Minute)
	b.open(s.firstRunLink())
	b.arrives("Open this link on the server itself")
	b.shows("works only in a browser on the server’s own machine", "pagesession createsuperuser", "ssh -L ")
	b.looked("plain-first-run")

	here := open(t, s, 2*time.Minute)
	here.open(s.firstRunLink())
	here.dropCookies()
	here.firstOperator()
	here.arrives("Create the first operator")
	here.shows("the link still works", "Allow cookies")
	here.looked("first-run-no-cookie")
	here.firstOperator()
	here.arrives("Dashboard")
	if here.secure("adminid") {
		t.Error("the console's cookie is Secure on this machine")
	}

	b.open("/admin/login/")
	b.shows("Browsers do not keep a sign-in at this address", "Use https", "ssh -L ")
	b.login("ada", consolePassword)
	b.arrives("Sign in")
	b.shows("You are not signed in, because your browser did not keep the console’s cookie", "Browsers do not keep a sign-in at this address")
	b.looked("plain-login")
	b.plain()
	b.forgive("status of 403", "status of 422", "CookieIssue")
	here.forgive("status of 422")
}

// A form that comes from another host is refused with the reason, since a proxy may be to
// blame; the dashboard says whether a proxy's headers are ignored.
func TestBrowserPlainHTTP_Proxy(t *testing.T) {
	t.Parallel()
	s := start(t, "--allowed-hosts", ownName+",127.0.0.1")
	b := open(t, s.named(ownName), 2*time.Minute)
	site := startForeign(t, map[string]string{"form": `<form action="` + b.s.url + `/admin/logout/" method="post"><button>x</button></form>`})
	b.openAt(site.url + "/form")
	b.click("button")
	b.arrives("Not allowed")
	b.shows("The form came from "+site.url, "the server was asked for "+b.s.url, "--trusted-proxies")
	b.looked("plain-foreign-form")
	b.plain()
	b.forgive("status of 403")
	b.at(b.s)

	s.get("/", testkit.Header("X-Forwarded-For", "192.0.2.1"))
	operator := console(t, s, 2*time.Minute)
	operator.shows("Headers of a reverse proxy are ignored", "--trusted-proxies 127.0.0.1")
	operator.looked("plain-banner")
}

// A link on another site opens the console's page for an operator who is signed in.
func TestBrowserPlainHTTP_LinkToTheConsole(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := console(t, s, 2*time.Minute)
	site := startForeign(t, map[string]string{
		"127": `<a href="` + s.url + `/admin/sessions/">ticket</a>`,
		"log": `<a href="` + s.url + `/admin/log/?kind=user" rel="noreferrer">ticket</a>`,
	})
	for page, heading := range map[string]string{"127": "Sessions", "log": "Audit log"} {
		b.openAt(site.url + "/" + page)
		b.click("a")
		b.arrives(heading)
	}
	b.at(s)
}

// The page of a refused host is readable, and the log says how to allow the host.
func TestBrowserPlainHTTP_RefusedHost(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := open(t, s.named(ownName), time.Minute)
	b.open("/get/")
	b.arrives("Unknown address")
	if !eval[bool](b, `[...document.styleSheets].length > 0 && [...document.styleSheets].every((s) => s.cssRules.length > 0)`) {
		t.Error("the page has no stylesheet")
	}
	b.looked("refused-host")
	if log := s.out.String(); strings.Count(log, "refused host "+ownName+"; add it with --allowed-hosts, or have the reverse proxy pass the Host header on") != 1 {
		t.Errorf("the log lacks the host, or has it more than once:\n%s", log)
	}
	b.plain()
	b.forgive("status of 400")
}

// firstOperator fills in the form of the first operator's link and sends it.
func (b *tab) firstOperator() {
	b.t.Helper()
	b.fill("#username", "ada")
	b.fill("#new1", consolePassword)
	b.fill("#new2", consolePassword)
	b.click("main button.main")
}

// dropCookies has the browser forget its cookies, as one that keeps none.
func (b *tab) dropCookies() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
		b.t.Fatal(err)
	}
}

// secure reports whether the browser keeps a cookie of the console as Secure.
func (b *tab) secure(name string) bool {
	b.t.Helper()
	got, err := chromedp.Call(b.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{b.s.url + "/admin/"}})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range got.Cookies {
		if c.Name == name {
			return c.Secure
		}
	}
	b.t.Fatalf("the browser has no cookie %s", name)
	return false
}
