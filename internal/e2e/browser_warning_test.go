package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

const stayLink = `main a.button.main`

// At half of 12 s a dialog asks whether the visitor is there. It takes the focus and
// keeps it. Escape extends and returns the focus.
func TestBrowserWarning_Opens(t *testing.T) {
	t.Parallel()
	b := live(t, start(t, "--idle-timeout", "12s"))
	eval[bool](b, `(document.querySelector('`+stayLink+`').focus(), true)`)
	o := b.opensAt(6 * time.Second)
	if o.Focus != extendButton {
		t.Errorf("the focus is on %q; want it on the button to stay", o.Focus)
	}
	if !strings.HasPrefix(o.Title, "(") || !strings.HasSuffix(o.Title, ") Get Session") {
		t.Errorf("the title is %q; want the count before it", o.Title)
	}
	var seen []string
	for range 4 {
		b.key(kb.Tab)
		seen = append(seen, eval[string](b, `(document.activeElement.shadowRoot ?? document).activeElement.closest('dialog, session-clock') ? (document.activeElement.shadowRoot ?? document).activeElement.textContent : document.activeElement.tagName`))
	}
	if !slices.Contains(seen, "Delete session") || !slices.Contains(seen, extendButton) || slices.Contains(seen, "A") || slices.Contains(seen, "BUTTON") {
		t.Errorf("Tab goes to %q; want both buttons of the dialog and nothing behind it", seen)
	}
	b.key(kb.Escape)
	b.until("the dialog closes", unwarned)
	if left := b.left(); left < 7_000 {
		t.Errorf("after Escape %v ms are left; want the time to have started again", left)
	}
	b.until("the title is back", `document.title === 'Get Session'`)
	if on := eval[bool](b, `document.activeElement === document.querySelector('`+stayLink+`')`); !on {
		t.Error("after the dialog the focus is not where it was")
	}
	b.until("the written end is the new one", `Math.abs(Date.parse(document.querySelector('time').dateTime) - Date.now() - 12000) < 5000`)
}

// It opens at half of a short idle timeout. TestBrowserElement_Times has longer ones.
func TestBrowserWarning_When(t *testing.T) {
	t.Parallel()
	for idle, left := range map[string]time.Duration{"6s": 3 * time.Second, "24s": 12 * time.Second} {
		t.Run(idle, func(t *testing.T) {
			t.Parallel()
			live(t, start(t, "--idle-timeout", idle)).opensAt(left)
		})
	}
}

// Screen readers announce it when it opens and at five seconds, and only then.
func TestBrowserWarning_SaysTwice(t *testing.T) {
	t.Parallel()
	b := live(t, start(t, "--idle-timeout", "13s")) // opens at six and a half
	eval[bool](b, `(() => {
  self.said = [];
  for (const e of [document, `+shadow+`].flatMap((tree) => [...tree.querySelectorAll('[role=status], [role=alert], [aria-live]')])) {
    new MutationObserver(() => said.push(e.textContent)).observe(e, {childList: true, characterData: true, subtree: true});
  }
  return true;
})()`)
	b.until("three seconds are left", `Number(`+shownNumber+`) <= 3 && `+warned)
	said := eval[[]string](b, `said`)
	if len(said) != 2 || !strings.HasPrefix(said[0], "Are you still there? ") || !strings.HasSuffix(said[0], " seconds left") || strings.TrimSpace(said[1]) > "5 seconds left" {
		t.Errorf("said %q; want the seconds at the opening and at five", said)
	}
}

// The dialog says when the server refuses or is silent, and the button can be pressed again.
func TestBrowserWarning_StayFails(t *testing.T) {
	t.Parallel()
	b := live(t, start(t, "--idle-timeout", "20s"))
	b.opens()
	eval[bool](b, `(() => {
  self.real = self.fetch;
  self.fetch = (url, options) => url.includes('refresh') ? Promise.resolve(new Response('', {status: 503})) : real(url, options);
  return true;
})()`)
	failed := `!` + part("failed") + `.hidden`
	b.stay()
	b.until("the dialog says that it failed", failed)
	b.shows("That did not work")
	b.shootScreen("warning-failed")
	b.axe("the dialog when staying failed")
	eval[bool](b, `(self.fetch = (url, options) => url.includes('refresh') ? Promise.reject(new TypeError('offline')) : real(url, options), true)`)
	b.stay()
	b.until("the dialog says that it failed again", failed)
	if open := eval[bool](b, warned); !open {
		t.Error("the dialog is closed after a failure")
	}
	eval[bool](b, `(self.fetch = real, true)`)
	b.stay()
	b.until("the dialog closes", unwarned)
	if left := b.left(); left < 11_000 {
		t.Errorf("after the second try %v ms are left; want about 20 s", left)
	}
}

// Near the absolute timeout the dialog cannot extend, and the ended page gives the
// reason.
func TestBrowserWarning_AbsoluteTimeoutIsNear(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "16s", "--absolute-timeout", "18s")
	b := open(t, s, time.Minute)
	b.open("/set/?name=Pema")
	time.Sleep(3 * time.Second)
	b.open("/get/")
	o := b.opensAt(8 * time.Second)
	if o.Focus != "OK" {
		t.Errorf("the focus is on %q; want it on the button that closes", o.Focus)
	}
	b.shows("can’t be extended")
	if text := b.text(); strings.Contains(eval[string](b, part("button")+`.innerText`), extendButton) {
		t.Errorf("the dialog offers to extend:\n%s", text)
	}
	b.shootScreen("warning-final")
	b.axe("the last warning")
	b.key(kb.Escape)
	b.until("the dialog closes", unwarned)
	time.Sleep(1500 * time.Millisecond)
	if open := eval[bool](b, warned); open {
		t.Error("the dialog comes back")
	}
	b.arrives(absoluteTitle)
}
