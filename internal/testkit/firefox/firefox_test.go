package firefox_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pagesession/internal/testkit/firefox"
)

// page has a form and a custom element with a shadow root.
const page = `<!DOCTYPE html><html lang="en"><link rel="icon" href="data:,"><title>First</title><h1>Hello</h1>
<p hidden>not seen</p><form action="/next"><label>Name <input name="name" value="old"></label><button hidden>Never</button></form>
<my-part>from the page</my-part><p id="said"></p>
<script>
customElements.define('my-part', class extends HTMLElement {
  connectedCallback() {
    this.attachShadow({mode: 'open'}).innerHTML = '<style>p { color: red }</style><p>inside</p><slot></slot><button>Deep</button>';
    this.shadowRoot.querySelector('button').addEventListener('click', () => { document.querySelector('#said').textContent = 'pressed'; });
  }
});
</script>`

// One browser for all, because a start takes seconds.
func TestBrowser(t *testing.T) {
	firefox.Require(t)
	b, err := firefox.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	t.Run("sees and acts", func(t *testing.T) { seesAndActs(t, b) })
	t.Run("tabs share cookies", func(t *testing.T) { tabsShareCookies(t, b) })
	t.Run("other machines are out of reach", func(t *testing.T) { othersAreOutOfReach(t, b) })
	t.Run("trouble fails the test", func(t *testing.T) { troubleFails(t, b) })
	t.Run("offline", func(t *testing.T) { offline(t, b) })
}

// site is a server that shows the page, and what it was asked.
func site(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/" {
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes"})
			fmt.Fprint(w, page)
			return
		}
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><link rel="icon" href="data:,"><title>Next</title><h1>Next</h1>name=%s cookies=%d`, r.URL.Query().Get("name"), len(r.Cookies()))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func seesAndActs(t *testing.T, b *firefox.Browser) {
	tab := b.Open(t, site(t))
	tab.Go("/")
	tab.Shows("Hello", "inside", "from the page")
	tab.Lacks("not seen", "color", "Never")
	if tab.Has("button", "Never") || !tab.Has("button", "Deep") || tab.Has("button", "Deeper") {
		t.Error("Has finds a hidden button, or not the one that is there")
	}
	tab.Click("button", "Deep")
	tab.Arrives("pressed")
	tab.Fill("Name", "Ünal 7")
	tab.Type(firefox.Enter)
	tab.Arrives("name=Ünal 7")
	if title := tab.Title(); title != "Next" {
		t.Errorf("Title() = %q; want Next", title)
	}
	tab.Back()
	tab.Arrives("Hello")
	tab.Screen(360, 640)
	if got := firefox.Eval[int](tab, `Promise.resolve(innerWidth)`); got != 360 {
		t.Errorf("the page is %d pixels wide; want 360", got)
	}
	if png := tab.Picture(); !bytes.HasPrefix(png, []byte("\x89PNG")) {
		t.Errorf("the picture begins with %.8q", png)
	}
	if _, err := firefox.Try[int](tab, `nothing.here`); err == nil {
		t.Error("Try of a wrong expression = nil; want an error")
	}
}

func tabsShareCookies(t *testing.T, b *firefox.Browser) {
	url := site(t)
	one := b.Open(t, url)
	one.Go("/")
	two := one.Another()
	two.Go("/next")
	two.Shows("cookies=1")
	stranger := b.Open(t, url)
	stranger.Go("/next")
	stranger.Shows("cookies=0")
}

func offline(t *testing.T, b *firefox.Browser) {
	tab := b.Open(t, site(t))
	tab.Go("/")
	reach := `fetch('/next').then(() => true, () => false)`
	for _, off := range []bool{true, false} {
		tab.Offline(off)
		if got := firefox.Eval[bool](tab, reach); got == off {
			t.Errorf("offline %v: the page reaches the server: %v", off, got)
		}
	}
}

// A name of another machine is not even looked up.
func othersAreOutOfReach(t *testing.T, b *firefox.Browser) {
	const other = "http://example.org"
	tab := b.Open(t, other)
	if _, err := firefox.Try[bool](tab, `fetch('`+other+`/', {mode: 'no-cors'}).then(() => true)`); err == nil {
		t.Error("the browser reaches another machine")
	}
}

// A recorder keeps what a tab says against its pages.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

// troubleFails has the error in a timer of its own: Firefox reports it before the next timer
// runs, but an error in a promise only some time later.
func troubleFails(t *testing.T, b *firefox.Browser) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "script-src 'nonce-a'")
		fmt.Fprintf(w, `<!DOCTYPE html><title>x</title><p id="p" onclick="alert()">so far</p><script nonce="a">
console.warn('beware');
fetch('%s/').catch(() => 0).then(() => { setTimeout(() => oops()); setTimeout(() => { document.querySelector('p').textContent = 'all done'; }); });</script>`, other.URL)
	}))
	defer s.Close()
	r := &recorder{}
	t.Run("a page", func(t *testing.T) {
		r.TB = t
		tab := b.Open(r, s.URL)
		tab.Go("/")
		tab.Arrives("all done")
	})
	said := strings.Join(r.errors, "\n")
	for _, want := range []string{"beware", "oops is not defined", "script-src-attr inline", "the page asked " + other.URL} {
		if !strings.Contains(said, want) {
			t.Errorf("the test does not fail with %q, but with:\n%s", want, said)
		}
	}
}
