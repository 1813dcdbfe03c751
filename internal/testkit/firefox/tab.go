package firefox

import (
	"encoding/json"
	"errors"
	"sync"
	"testing"
)

// A Tab is a page of the browser, for one test. Its methods fail the test when the browser
// refuses.
type Tab struct {
	t    testing.TB
	link *link
	site string // scheme, host and port of the only server that its pages may ask
	user string // tabs of one user context share cookies
	id   string // of its browsing context

	mu       sync.Mutex // protects what follows
	trouble  []string
	requests []string
}

// Open opens a tab without cookies for a site such as "http://127.0.0.1:8000". It closes
// when the test ends, and then fails the test for each message in the console, each
// violation of a content security policy, and each request to another site.
func (b *Browser) Open(t testing.TB, site string) *Tab {
	t.Helper()
	var made struct {
		UserContext string `json:"userContext"`
	}
	if err := b.link.ask("browser.createUserContext", none{}, &made); err != nil {
		t.Fatal(err)
	}
	user := map[string]string{"userContext": made.UserContext}
	t.Cleanup(func() {
		if err := b.link.ask("browser.removeUserContext", user, nil); err != nil {
			t.Error(err)
		}
	})
	report := map[string]any{"type": "channel", "value": map[string]string{"channel": "policy"}}
	err := b.link.ask("script.addPreloadScript", map[string]any{"functionDeclaration": watched, "arguments": []any{report}, "userContexts": []string{made.UserContext}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return newTab(t, b.link, site, made.UserContext)
}

// Another opens a second tab that shares the cookies.
func (tab *Tab) Another() *Tab {
	tab.t.Helper()
	return newTab(tab.t, tab.link, tab.site, tab.user)
}

func newTab(t testing.TB, l *link, site, user string) *Tab {
	t.Helper()
	tab := &Tab{t: t, link: l, site: site, user: user}
	var made struct {
		Context string `json:"context"`
	}
	// In the background, so that parallel tests do not take the focus from each other.
	err := l.ask("browsingContext.create", map[string]any{"type": "window", "userContext": user}, &made)
	if err != nil {
		t.Fatal(err)
	}
	tab.id = made.Context
	l.mu.Lock()
	l.tabs[tab.id] = tab
	l.mu.Unlock()
	t.Cleanup(func() {
		l.mu.Lock()
		delete(l.tabs, tab.id)
		l.mu.Unlock()
		tab.check()
	})
	return tab
}

// do sends a command about the tab.
func (tab *Tab) do(method string, params map[string]any, result any) {
	tab.t.Helper()
	if params == nil {
		params = map[string]any{}
	}
	params["context"] = tab.id
	if err := tab.link.ask(method, params, result); err != nil {
		tab.t.Fatal(err)
	}
}

// run calls a JavaScript function in the page and awaits its promise. Its value comes as
// WebDriver writes values.
func (tab *Tab) run(function string, arguments []any) (json.RawMessage, error) {
	var got struct {
		Result    json.RawMessage `json:"result"`
		Exception struct {
			Text string `json:"text"`
		} `json:"exceptionDetails"`
	}
	err := tab.link.ask("script.callFunction", map[string]any{
		"functionDeclaration": function, "arguments": arguments, "awaitPromise": true,
		"target": map[string]string{"context": tab.id},
	}, &got)
	if err == nil && got.Exception.Text != "" {
		err = errors.New(got.Exception.Text)
	}
	return got.Result, err
}
