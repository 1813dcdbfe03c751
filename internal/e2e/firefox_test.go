package e2e

import (
	"strings"
	"testing"

	"pagesession/internal/testkit/firefox"
)

const (
	stayButton   = extendButton
	warningTitle = "Are you still there?"
)

// A visitor's way in Firefox: they start a session, see its time run, stay when the page
// warns, and leave; the page says that the session ended.
func TestFirefox_Visit(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "8s")
	tab := inFirefox(t, s)
	tab.Go("/")
	tab.Shows("You have no session")
	tab.Fill("Name", "Ünal O’Neill")
	tab.Click("button", "Set session")
	tab.Arrives(setTitle)
	tab.Click("link", "Get session")
	tab.Arrives(getTitle)
	tab.Shows("Ünal O’Neill")
	if title := tab.Title(); title != "Get Session" {
		t.Errorf("the title is %q; want Get Session", title)
	}
	first := count(t, tab)
	tab.Until("the count goes down", func(string) bool { return count(t, tab) < first })

	tab.Arrives(warningTitle)
	if title := tab.Title(); !strings.HasPrefix(title, "(") {
		t.Errorf("while the page warns the title is %q; want the count before it", title)
	}
	tab.Click("button", stayButton)
	tab.Until("the warning closes", func(shown string) bool { return !strings.Contains(shown, warningTitle) })
	if left := firefox.Eval[float64](tab, `fetch('/session/').then((a) => a.json()).then((s) => s.remaining_ms)`); left <= 4000 {
		t.Errorf("after Stay %v ms are left; want the time to have started again", left)
	}
	tab.Arrives(endedTitle)
	tab.Shows("It had no visit for 8 seconds")
	tab.Lacks("Ünal")
	tab.Click("button", "Start a new session")
	tab.Arrives(setTitle)
}

// A live session gets the name that is typed into the field, and Enter sends it.
func TestFirefox_Types(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	tab := livesInFirefox(t, s)
	tab.Go("/")
	tab.Fill("Name", `<b> "Tashi" & Co</b>`)
	tab.Type(firefox.Enter)
	tab.Arrives("Your session has its new name")
	tab.Shows(`<b> "Tashi" & Co</b>`)
	tab.Go("/get/")
	tab.Shows(`<b> "Tashi" & Co</b>`)
}

// While a visitor is in a field, the warning takes no key from them: what they type then
// arrives, and keeps the session.
func TestFirefox_TypesWhileThePageWarns(t *testing.T) {
	t.Parallel()
	const name = "Grace Brewster Hopper, Rear Admiral"
	// A busy machine may take ten seconds for the click; over the warning it would delete.
	tab := livesInFirefox(t, start(t, "--idle-timeout", "40s"))
	tab.Go("/")
	tab.Click("textbox", "Name")
	tab.Arrives(warningTitle)
	tab.Replace(name)
	tab.Until("typing closes the warning", func(shown string) bool { return !strings.Contains(shown, warningTitle) })
	tab.Shows("Your session is live")
	tab.Type(firefox.Enter)
	tab.Arrives("Your session has its new name")
	tab.Shows(name)
}

// Stay in one tab closes the warning in the other at once, and not when it asks the server
// at its own end, eight seconds later.
func TestFirefox_StayInOneTab(t *testing.T) {
	t.Parallel()
	tab := livesInFirefox(t, start(t, "--idle-timeout", "16s"))
	other := tab.Another()
	other.Go("/get/")
	tab.Arrives(warningTitle)
	other.Arrives(warningTitle)
	tab.Click("button", stayButton)
	other.Until("its warning closes", func(shown string) bool { return !strings.Contains(shown, warningTitle) })
	if left := count(t, other); left < 11 {
		t.Errorf("the other tab's warning closes with %d seconds left; want 16, by the news", left)
	}
	other.Shows("Pema")
}

// An end in one tab is at once an end in the other, with the reason.
func TestFirefox_EndInOneTab(t *testing.T) {
	t.Parallel()
	tab := livesInFirefox(t, start(t, "--idle-timeout", "5m"))
	other := tab.Another()
	other.Go("/")
	tab.Click("button", "Delete session")
	tab.Arrives(delTitle)
	other.Arrives(deletedTitle)
	other.Lacks("Pema")
}

// A session that ended, and the Back button, show nothing of it.
func TestFirefox_BackAfterTheEnd(t *testing.T) {
	t.Parallel()
	tab := livesInFirefox(t, start(t, "--idle-timeout", "12s"))
	tab.Arrives(endedTitle)
	tab.Click("link", "Home")
	tab.Arrives("You have no session")
	tab.Back()
	tab.Arrives(endedTitle)
	tab.Lacks("Pema")
}

// Back after Delete shows nothing of the session.
func TestFirefox_BackAfterDelete(t *testing.T) {
	t.Parallel()
	tab := livesInFirefox(t, start(t, "--idle-timeout", "5m"))
	tab.Click("button", "Delete session")
	tab.Arrives(delTitle)
	tab.Back()
	tab.Until("another page", func(shown string) bool { return !strings.Contains(shown, delTitle) })
	tab.Lacks("Pema", getTitle)
}

// While the network is away the page says that it does not know. At 0 it covers what is
// private; when the network is back it says that the session ended.
func TestFirefox_Offline(t *testing.T) {
	t.Parallel()
	tab := livesInFirefox(t, start(t, "--idle-timeout", "12s"))
	tab.Offline(true)
	tab.Arrives(lostNotice)
	tab.Until("the name is covered", func(shown string) bool { return !strings.Contains(shown, "Pema") })
	tab.Lacks("Expired")
	tab.Offline(false)
	tab.Arrives(endedTitle)
}

// The same happens while the server is stopped.
func TestFirefox_ServerStopped(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "12s")
	tab := livesInFirefox(t, s)
	s.stop()
	tab.Until("the name is covered", func(shown string) bool {
		return strings.Contains(shown, lostNotice) && !strings.Contains(shown, "Pema")
	})
	tab.Lacks("Expired")
}

// A link on another site asks first; a form there is refused.
func TestFirefox_FromAnotherSite(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	tab := livesInFirefox(t, s)
	elsewhere := "data:text/html,<!DOCTYPE html><a href='" + s.url + "/del/'>a prize</a><form method=post action='" + s.url + "/del/'><button>win</button></form>"
	tab.GoTo(elsewhere)
	tab.Click("link", "a prize")
	tab.Arrives("Delete your session?")
	tab.GoTo(elsewhere)
	tab.Click("button", "win")
	tab.Arrives("Another site sent this request")
	tab.Go("/")
	tab.Shows("Your session is live", "Pema")
}
