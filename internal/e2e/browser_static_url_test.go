package e2e

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// With --static-url pages load their files from another server, and neither the policy nor the
// digests stop that. The clock runs, and the console's dashboard, which needs most scripts.
func TestBrowserStaticURL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := command("collectstatic", dir).CombinedOutput(); err != nil {
		t.Fatalf("collectstatic = %v, %s", err, out)
	}
	files := http.StripPrefix("/ps/", http.FileServer(http.Dir(dir)))
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(elsewhere.Close)
	s := start(t, "--static-url", elsewhere.URL+"/ps/", "--idle-timeout", "50s")

	b := open(t, s, time.Minute)
	b.open("/set/?name=Pema")
	b.until("the clock", `Number(`+shownNumber+`) < 49`)
	if eval[string](b, `getComputedStyle(document.querySelector('.skip')).position`) == "static" {
		t.Error("the page has no style")
	}
	b.loads(elsewhere.URL+"/ps/", "style-")

	admin := console(t, s, time.Minute)
	admin.until("the stream", `document.querySelector('[data-status]').textContent === 'Live'`)
	admin.loads(elsewhere.URL+"/ps/", "style-", "console-", "dashboard-", "uplot-1.6.32.min-")
}

// loads fails the test unless the tab has loaded a file that begins with each of the names from
// there, and takes these requests out of those that check looks at.
func (b *tab) loads(from string, names ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range names {
		if !slices.ContainsFunc(b.requests, func(url string) bool { return strings.HasPrefix(url, from+name) }) {
			b.t.Errorf("the page asked %q; want %s… among them", b.requests, from+name)
		}
	}
	b.requests = slices.DeleteFunc(b.requests, func(url string) bool { return strings.HasPrefix(url, from) })
}
