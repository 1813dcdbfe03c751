package firefox

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"pagesession/internal/testkit"
)

// Go opens a path of the site and waits until the page is loaded.
func (tab *Tab) Go(path string) { tab.t.Helper(); tab.GoTo(tab.site + path) }

// GoTo opens an address and waits until the page is loaded.
func (tab *Tab) GoTo(url string) {
	tab.t.Helper()
	tab.do("browsingContext.navigate", map[string]any{"url": url, "wait": "complete"}, nil)
}

// Back goes back in the history, as the button does. It does not wait.
func (tab *Tab) Back() {
	tab.t.Helper()
	tab.do("browsingContext.traverseHistory", map[string]any{"delta": -1}, nil)
}

// Offline takes the tab off the network, or back on.
func (tab *Tab) Offline(off bool) {
	tab.t.Helper()
	var conditions any // null ends it
	if off {
		conditions = map[string]string{"type": "offline"}
	}
	params := map[string]any{"contexts": []string{tab.id}, "networkConditions": conditions}
	if err := tab.link.ask("emulation.setNetworkConditions", params, nil); err != nil {
		tab.t.Fatal(err)
	}
}

// Try evaluates an expression in the page, awaits its promise and returns the value, or
// what went wrong, such as a page that left in between.
func Try[T any](tab *Tab, expression string) (v T, err error) {
	raw, err := tab.run(`async () => JSON.stringify(await (`+expression+`))`, nil)
	if err != nil {
		return v, fmt.Errorf("evaluate %.80s: %w", expression, err)
	}
	var text struct {
		Value string `json:"value"`
	}
	if err := json.Unmarshal(raw, &text); err != nil {
		return v, err
	}
	return v, json.Unmarshal([]byte(text.Value), &v)
}

// Eval is Try, but fails the test on an error.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	v, err := Try[T](tab, expression)
	if err != nil {
		tab.t.Fatal(err)
	}
	return v
}

// visible returns the visible text of an element, that of custom elements included, one
// line for each text node.
const visible = `((walk) => (top) => walk(top, walk).join('\n'))((node, walk) => {
  if (node.nodeType === Node.TEXT_NODE) return node.data.trim() ? [node.data.trim().replace(/\s+/g, ' ')] : [];
  if (node.nodeType === Node.ELEMENT_NODE && !node.checkVisibility({visibilityProperty: true}) && getComputedStyle(node).display !== 'contents') return [];
  const assigned = node.localName === 'slot' ? node.assignedNodes() : [];
  return [...(assigned.length ? assigned : (node.shadowRoot || node).childNodes)].flatMap((child) => walk(child, walk));
})`

const text = visible + `(document.body)`

// Text returns the visible text of the page, one line for each text node.
func (tab *Tab) Text() string { tab.t.Helper(); return Eval[string](tab, text) }

// Title returns the title of the page.
func (tab *Tab) Title() string { tab.t.Helper(); return Eval[string](tab, `document.title`) }

// Shows fails the test unless the page shows each of the texts.
func (tab *Tab) Shows(parts ...string) {
	tab.t.Helper()
	shown := tab.Text()
	for _, part := range parts {
		if !strings.Contains(shown, part) {
			tab.t.Errorf("the page does not show %q:\n%s", part, shown)
		}
	}
}

// Lacks fails the test if the page shows one of the texts.
func (tab *Tab) Lacks(parts ...string) {
	tab.t.Helper()
	shown := tab.Text()
	for _, part := range parts {
		if strings.Contains(shown, part) {
			tab.t.Errorf("the page shows %q:\n%s", part, shown)
		}
	}
}

// Until waits until the loaded page satisfies done, which gets its visible text.
func (tab *Tab) Until(what string, done func(shown string) bool) {
	tab.t.Helper()
	for end := time.Now().Add(testkit.Patience); ; time.Sleep(25 * time.Millisecond) {
		shown, err := Try[string](tab, `document.readyState === 'complete' ? `+text+` : ''`)
		if errors.Is(err, errHungUp) {
			tab.t.Fatal(err)
		}
		if err == nil && shown != "" && done(shown) { // "" is a page that still loads
			return
		}
		if time.Now().After(end) {
			tab.t.Fatalf("never: %s (%v)\n%s", what, err, shown)
		}
	}
}

// Arrives waits until the page shows a text.
func (tab *Tab) Arrives(text string) {
	tab.t.Helper()
	tab.Until("a page that shows "+text, func(shown string) bool { return strings.Contains(shown, text) })
}
