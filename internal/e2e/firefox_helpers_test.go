package e2e

import (
	"regexp"
	"strconv"
	"sync"
	"testing"

	"pagesession/internal/testkit/firefox"
)

// theFirefox starts the Firefox that all tests share. Each test has cookies of its own.
var theFirefox = sync.OnceValues(func() (*firefox.Browser, error) {
	b, err := firefox.Start()
	firefoxStarted = b
	return b, err
})

// firefoxStarted is nil unless theFirefox has been called.
var firefoxStarted *firefox.Browser

func closeFirefox() {
	if firefoxStarted != nil {
		_ = firefoxStarted.Close() // the tests are over
	}
}

// inFirefox opens a tab of Firefox without cookies for a server.
func inFirefox(t *testing.T, s *server) *firefox.Tab {
	t.Helper()
	firefox.Require(t)
	b, err := theFirefox()
	if err != nil {
		t.Fatal(err)
	}
	return b.Open(t, s.url)
}

// livesInFirefox opens a tab on /get/ with a session that has the name Pema.
func livesInFirefox(t *testing.T, s *server) *firefox.Tab {
	t.Helper()
	tab := inFirefox(t, s)
	tab.Go("/set/?name=Pema")
	tab.Go("/get/")
	tab.Shows("Pema")
	return tab
}

// count returns the seconds that the page's clock shows.
func count(t *testing.T, tab *firefox.Tab) int {
	t.Helper()
	shown := tab.Read("timer", "Time left")
	n, err := strconv.Atoi(regexp.MustCompile(`\d+`).FindString(shown))
	if err != nil {
		t.Fatalf("the clock shows %q; want a number of seconds", shown)
	}
	return n
}
