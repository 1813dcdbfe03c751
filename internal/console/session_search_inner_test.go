package console

import (
	"fmt"
	"testing"

	"pagesession/session"
)

const safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15"

// valueFrom is a stored value with an agent, and without values.
func valueFrom(agent string) string {
	return string([]byte{0x91, 0, byte(len(agent))}) + agent
}

// A search finds a browser by the words of the list and by its agent.
func TestSearchFor_BrowserInWords(t *testing.T) {
	for search, want := range map[string]bool{
		"macOS": true, "safari 18 on MACOS": true, "Macintosh": true, "Windows": false, "Safari 19": false,
	} {
		if got := searchFor(search)(valueFrom(safari)); got != want {
			t.Errorf("%q finds %s: %v; want %v", search, browserOf(safari), got, want)
		}
	}
	if searchFor("") != nil {
		t.Error("no search has a Match")
	}
	if searchFor("x")("") {
		t.Error("a value without an agent is found")
	}
}

// Of very many agents only the first ones are put in words; what they send finds all.
func TestSearchFor_IsBounded(t *testing.T) {
	find := searchFor("macos")
	for i := range mostAgents + 1 {
		find(valueFrom(fmt.Sprint("agent ", i)))
	}
	if find(valueFrom(safari)) || !searchFor("macos")(valueFrom(safari)) {
		t.Error("the bound does not count, or counts for another search")
	}
}

// BenchmarkSearchFor is what one of a million sessions costs, of 500 different browsers.
func BenchmarkSearchFor(b *testing.B) {
	var values []string
	for i := range 500 {
		values = append(values, valueFrom(fmt.Sprintf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36", i)))
	}
	for name, find := range map[string]func(string) bool{"data": session.Search("macos"), "words": searchFor("macos")} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				find(values[i%len(values)])
			}
		})
	}
}
