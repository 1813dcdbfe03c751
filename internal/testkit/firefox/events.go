package firefox

import (
	"encoding/json"
	"fmt"
	"strings"
)

// An event has what the events of all kinds say that tests want to know.
type event struct {
	Context string `json:"context"` // of a request
	Source  struct {
		Context string `json:"context"` // of a message
	} `json:"source"`
	Level   string `json:"level"`
	Text    string `json:"text"`
	Request struct {
		URL string `json:"url"`
	} `json:"request"`
	Data struct {
		Value string `json:"value"`
	} `json:"data"`
}

// notice gives an event to its tab. Events of tabs that are closed are dropped.
func (l *link) notice(m message) {
	var e event
	if err := json.Unmarshal(m.Params, &e); err != nil {
		e.Text = err.Error()
	}
	l.mu.Lock()
	tab := l.tabs[e.Context+e.Source.Context] // one of them is empty
	l.mu.Unlock()
	if tab == nil {
		return
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	switch m.Method {
	case "network.beforeRequestSent":
		tab.requests = append(tab.requests, e.Request.URL)
	case "script.message":
		tab.trouble = append(tab.trouble, "policy: "+e.Data.Value)
	default:
		tab.trouble = append(tab.trouble, fmt.Sprintf("log %s: %s", e.Level, e.Text))
	}
}

// watched reports to the tests of each violation of a page's content security policy.
const watched = `(report) => addEventListener('securitypolicyviolation', (e) => report(e.violatedDirective + ' ' + e.blockedURI))`

// check fails the test for any message in the browser's console, any violation of the
// policy, and any request to another server.
func (tab *Tab) check() {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	for _, trouble := range tab.trouble {
		tab.t.Errorf("Firefox says: %s", trouble)
	}
	for _, url := range tab.requests {
		if !strings.HasPrefix(url, tab.site+"/") && !strings.HasPrefix(url, "data:") && url != "about:blank" {
			tab.t.Errorf("the page asked %s; want only %s", url, tab.site)
		}
	}
}
