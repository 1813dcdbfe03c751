package e2e

import (
	"strings"
	"testing"

	"pagesession/internal/testkit"
)

// noChannel removes BroadcastChannel, which browsers before 2022 lack.
const noChannel = `delete self.BroadcastChannel`

// Stay in one tab closes the warning in the others, which then agree with the server.
func TestBrowserTabs_StayInOne(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{"BroadcastChannel": "", "storage event": noChannel} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, start(t, "--idle-timeout", "12s"), testkit.Patience*6)
			a.before(script)
			a.open("/set/?name=Pema")
			a.open("/get/")
			b := a.another()
			b.before(script)
			b.open("/get/")
			a.until("the warning in one tab", warned)
			b.until("the warning in the other", warned)
			a.stay()
			a.until("it closes where it was pressed", unwarned)
			b.until("it closes in the other tab", unwarned)
			b.agrees()

			// A visit to the session's page extends it as well.
			a.until("the warning again", warned)
			b.until("the warning again in the other", warned)
			a.open("/get/")
			b.until("it closes in the other tab", unwarned)
			b.agrees()
		})
	}
}

// agrees compares the count with the server's, to a second and the request's time. A page that
// was just busy gets two more tries: a count that is wrong stays wrong.
func (b *tab) agrees() {
	b.t.Helper()
	off := b.off()
	for range 2 {
		if off > float64(tolerance.Milliseconds()) {
			off = b.off()
		}
	}
	if off > float64(tolerance.Milliseconds()) {
		b.t.Errorf("the count is %v ms off what the server says", off)
	}
}

// off returns by how many milliseconds the count is off.
func (b *tab) off() float64 {
	return eval[float64](b, `(async () => {
  const asked = performance.now();
  const left = (await (await fetch('/session/', {cache: 'no-store'})).json()).remaining_ms;
  const shown = 1000 * `+shownNumber+`;
  return Math.max(0, Math.abs(shown - 500 - left) - 500 - 2 * (performance.now() - asked));
})()`)
}

// Ending the session in one tab ends it in all tabs at once, with the reason.
func TestBrowserTabs_EndInOne(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{"BroadcastChannel": "", "storage event": noChannel} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, start(t, "--idle-timeout", "5m"), testkit.Patience*6)
			a.before(script)
			a.open("/set/?name=Pema")
			a.open("/get/")
			tabs := []*tab{a.another(), a.another()}
			for i, path := range []string{"/get/", "/"} {
				tabs[i].before(script)
				tabs[i].open(path)
				tabs[i].shows("Pema")
			}
			a.click("form.row[action='/del/'] button")
			a.shows(delTitle)
			for _, b := range tabs {
				b.arrives(deletedTitle)
				if text := b.text(); strings.Contains(text, "Pema") {
					t.Errorf("the other tab still shows the name:\n%s", text)
				}
			}
		})
	}
}

// A name that changes in one tab changes in the others.
func TestBrowserTabs_NameInOne(t *testing.T) {
	t.Parallel()
	b := live(t, start(t, "--idle-timeout", "5m"))
	b.another().open("/set/?name=Tashi")
	b.until("the new name in the other tab", `document.querySelector('.name').textContent === 'Tashi'`)
}
