package e2e

import (
	"strings"
	"testing"
	"time"
)

// below fails the test for each request of a tab that is not below the base path.
func (b *tab) below() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, url := range b.requests {
		if !strings.HasPrefix(url, b.s.url+base+"/") {
			b.t.Errorf("the page asked %s; want only addresses below %s", url, base)
		}
	}
}

// A visitor below a base path: the clock counts, the warning's button extends the session
// by script, its end is shown, and a new one is deleted.
func TestBrowserBasePath_Visitor(t *testing.T) {
	t.Parallel()
	s := start(t, "--base-path", base+"/", "--idle-timeout", "6s")
	b := open(t, s, 2*time.Minute)
	b.open(base + "/")
	b.click(`form[action$="/set/"] button`)
	b.arrives(setTitle)
	b.until("the warning", warned)
	b.stay()
	b.until("more time", unwarned)
	b.until("the warning again, with less", warned+` && Number(`+shownNumber+`) < 2`)
	b.until("the end", `location.pathname + location.search === `+quoted(base+"/get/?was=idle"))
	b.click(`form[action$="/set/"] button`)
	b.arrives(setTitle)
	b.click(`a[href*="/get/"]`)
	b.arrives(getTitle)
	b.click(`form.row[action$="/del/"] button:last-child`)
	b.arrives(delTitle)
	b.below()
}

// The console below a base path: the dashboard's stream, and the list that follows what
// visitors do.
func TestBrowserBasePath_Console(t *testing.T) {
	t.Parallel()
	s := start(t, "--base-path", base+"/", "--idle-timeout", "3m")
	b := console(t, s, 2*time.Minute)
	b.until("the stream", `document.querySelector('[data-status]').textContent === 'Live'`)
	var id string
	for _, c := range s.get(base + "/set/").Cookies() {
		id = c.Value
	}
	b.until("its number", tile("sessions")+` === '1'`)
	b.click(`.sections a[href$="/admin/sessions/"]`)
	b.arrives("Sessions")
	s.get(base+"/get/", cookie(id))
	b.until("the refresh in the list", `document.querySelector('[data-refreshes]').textContent === '1'`)
	b.below()
}
