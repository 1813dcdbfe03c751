package console

import (
	"strings"
	"sync"

	"pagesession/session"
)

// searchFor is session.Search that also finds a session by what the list calls its browser, as
// “Safari 18 on macOS”, whose agent says “Macintosh”.
func searchFor(search string) func(value string) bool {
	inData := session.Search(search)
	if inData == nil {
		return nil
	}
	inWords := &browserSearch{text: strings.ToLower(search), found: map[string]bool{}}
	return func(value string) bool { return inData(value) || inWords.finds(session.ClientInfoOf(value).Agent) }
}

// mostAgents bounds the different agents that one search puts in words, 8 µs each. Visitors have
// some hundreds of them. Beyond the bound, which takes a visitor who sends a new one each time, a
// search looks at the User-Agent alone.
const mostAgents = 10_000

// A browserSearch remembers for one search which agents it finds by their words. It is safe for
// concurrent use.
type browserSearch struct {
	text string // in lower case

	mu    sync.RWMutex    // protects found
	found map[string]bool // by agent
}

func (b *browserSearch) finds(agent string) bool {
	if agent == "" {
		return false
	}
	b.mu.RLock()
	found, known := b.found[agent]
	full := len(b.found) >= mostAgents
	b.mu.RUnlock()
	if known || full {
		return found
	}
	found = strings.Contains(strings.ToLower(browserOf(agent)), b.text)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.found[strings.Clone(agent)] = found // a copy, since agent shares the memory of the whole value
	return found
}
