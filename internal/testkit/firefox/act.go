package firefox

import (
	"time"

	"pagesession/internal/testkit"
)

// Keys that have no character.
const (
	Enter     = "\ue007"
	Tabulator = "\ue004"
	Escape    = "\ue00c"
	control   = "\ue009"
)

// Click waits for the one element with a role and a name, and clicks it with the mouse. It
// does not wait for what comes of it.
func (tab *Tab) Click(role, name string) {
	tab.t.Helper()
	for end := time.Now().Add(testkit.Patience); ; {
		err := tab.clickOnce(tab.await(role, name))
		if err == nil {
			return
		}
		if time.Now().After(end) { // until then the page may have left in between
			tab.t.Fatalf("click the %s %q: %v", role, name, err)
		}
	}
}

func (tab *Tab) clickOnce(n node) error {
	if _, err := tab.run(`(e) => e.scrollIntoView({block: 'center', behavior: 'instant'})`, []any{n}); err != nil {
		return err
	}
	return tab.perform("pointer", []any{
		map[string]any{"type": "pointerMove", "x": 0, "y": 0, "origin": map[string]any{"type": "element", "element": n}},
		map[string]any{"type": "pointerDown", "button": 0},
		map[string]any{"type": "pointerUp", "button": 0},
	})
}

// Fill clicks the one field with a name, and replaces its text by the keyboard.
func (tab *Tab) Fill(name, text string) {
	tab.t.Helper()
	tab.Click("textbox", name)
	tab.Replace(text)
}

// Replace replaces the text of the field that has the focus, by the keyboard.
func (tab *Tab) Replace(text string) {
	tab.t.Helper()
	tab.keys(press("keyDown", control), press("keyDown", "a"), press("keyUp", "a"), press("keyUp", control))
	tab.Type(text)
}

// Type presses the keys of a text, one after the other.
func (tab *Tab) Type(text string) {
	tab.t.Helper()
	var keys []any
	for _, char := range text {
		keys = append(keys, press("keyDown", string(char)), press("keyUp", string(char)))
	}
	tab.keys(keys...)
}

func press(how, key string) map[string]any { return map[string]any{"type": how, "value": key} }

func (tab *Tab) keys(actions ...any) {
	tab.t.Helper()
	if err := tab.perform("key", actions); err != nil {
		tab.t.Fatal(err)
	}
}

// perform moves the mouse or presses keys.
func (tab *Tab) perform(device string, actions []any) error {
	source := map[string]any{"type": device, "id": "test " + device, "actions": actions}
	return tab.link.ask("input.performActions", map[string]any{"context": tab.id, "actions": []any{source}}, nil)
}
