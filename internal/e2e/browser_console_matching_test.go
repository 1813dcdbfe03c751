package e2e

import (
	"fmt"
	"testing"
	"time"
)

// inView reports whether an element can be seen and pressed without scrolling.
const inView = `((at) => at.height > 0 && at.top >= 0 && at.bottom <= innerHeight && at.left >= 0 && at.right <= innerWidth)(document.querySelector('[data-all-matching]').getBoundingClientRect())`

// Of 63 sessions that match the list shows 50. When these are selected it offers to end all, in
// view also on a phone, and the page says how it went.
func TestBrowserConsole_EndAllThatMatch(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "10m")
	for i := range 63 {
		s.get(fmt.Sprintf("/set/?name=Visitor%d", i))
	}
	s.get("/set/?name=Pema")
	b := console(t, s, 4*time.Minute)
	for _, width := range []int64{360, 1280} {
		b.screen(width, 640, "light")
		b.open("/admin/sessions/?q=visitor")
		b.shows("63 sessions match")
		if eval[bool](b, inView) {
			t.Errorf("%d px: it offers to end all before the page is selected", width)
		}
		eval[bool](b, `(document.querySelector('[data-pick-all]').click(), true)`)
		b.until("the offer in view", inView+` && document.querySelector('[data-all-matching]').textContent === 'End all 63 that match…'`)
		b.fits("the list with the offer")
		b.shootScreen(fmt.Sprintf("console-sessions-all-%d", width))
		eval[bool](b, `(document.querySelector('tbody [data-pick]').click(), true)`)
		b.until("no offer for a part of the page", `!(`+inView+`)`)
	}
	eval[bool](b, `(document.querySelector('tbody [data-pick]').click(), true)`)
	b.click(`[data-all-matching]`)
	b.shows("End 63 sessions?", "63 sessions match: search “visitor”", "You cannot undo this")
	b.looked("console-sessions-matching-63")
	b.click(`main .danger`)
	b.until("the end", `document.querySelector('main').textContent.includes('63 of 63 ended') && document.querySelector('h1').textContent === 'Sessions ended'`)
	b.shows("All that matched have ended.")
	b.looked("console-sessions-ending")
	b.click(`main .main`)
	b.shows("No matching sessions")
	b.open("/admin/sessions/")
	b.shows("1 live session", "Pema")
	b.click(`tbody .who a`)
	b.shows("Sessions like this one", "Named Pema")
}
