package firefox

import (
	"encoding/json"
	"time"

	"pagesession/internal/testkit"
)

// A node is an element of the page, by the name that the browser gave it.
type node struct {
	SharedID string `json:"sharedId"`
}

// named returns the elements with a role and a name that a person can see and use: none
// that is hidden or behind an open dialog. It looks in custom elements, too. Firefox's own
// search by role takes half a second on a page with a table.
const named = `(role, name) => {
  const visible = ` + visible + `;
  const kinds = {button: 'button, summary', link: 'a[href]', textbox: 'input, textarea', timer: '[role=timer]', heading: 'h1, h2, h3', dialog: 'dialog[open]'};
  const under = (root) => [...root.querySelectorAll('*')].flatMap((e) => [e, ...(e.shadowRoot ? under(e.shadowRoot) : [])]);
  const all = under(document);
  const modal = all.find((e) => e.matches('dialog:modal'));
  const within = (e) => !e || e === modal || !!(e = e.assignedSlot || e.parentNode || e.host) && within(e);
  const nameOf = (e) => e.ariaLabel || [...(e.labels || [])].map(visible).join(' ') ||
    (e.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean).map((id) => visible(e.getRootNode().getElementById(id))).join(' ') || visible(e);
  return all.filter((e) => e.matches(kinds[role]) && e.checkVisibility({visibilityProperty: true}) && (!modal || within(e)) &&
    nameOf(e).replace(/\s+/g, ' ') === name);
}`

// find returns the elements with a role and a name. The roles are those in named.
func (tab *Tab) find(role, name string) ([]node, error) {
	raw, err := tab.run(named, []any{value(role), value(name)})
	if err != nil {
		return nil, err
	}
	var list struct{ Value []node }
	return list.Value, json.Unmarshal(raw, &list)
}

// value is a string as WebDriver writes it.
func value(s string) map[string]string { return map[string]string{"type": "string", "value": s} }

// Has reports whether the page has an element with a role and a name, such as "button"
// and "Send", that a person can see and use now. Roles are button, link, textbox, timer,
// heading and dialog.
func (tab *Tab) Has(role, name string) bool {
	tab.t.Helper()
	found, err := tab.find(role, name)
	if err != nil {
		tab.t.Fatal(err)
	}
	return len(found) > 0
}

// await waits for the one element with a role and a name.
func (tab *Tab) await(role, name string) node {
	tab.t.Helper()
	for end := time.Now().Add(testkit.Patience); ; time.Sleep(25 * time.Millisecond) {
		found, err := tab.find(role, name)
		if err == nil && len(found) == 1 {
			return found[0]
		}
		if time.Now().After(end) {
			tab.t.Fatalf("%d elements are a %s %q; want one (%v)\n%s", len(found), role, name, err, tab.Text())
		}
	}
}

// Read waits for the one element with a role and a name, and returns its visible text.
func (tab *Tab) Read(role, name string) string {
	tab.t.Helper()
	raw, err := tab.run(visible, []any{tab.await(role, name)})
	if err != nil {
		tab.t.Fatal(err)
	}
	var shown struct{ Value string }
	if err := json.Unmarshal(raw, &shown); err != nil {
		tab.t.Fatal(err)
	}
	return shown.Value
}
