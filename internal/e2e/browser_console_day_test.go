package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"pagesession/internal/monitor"
	"pagesession/internal/testkit/firefox"
)

// anEarlierDay writes the file of a server that ran from three hours ago to one hour ago, with
// seven sessions, and returns the data folder.
func anEarlierDay(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	var day monitor.Day
	for at := time.Now().Add(-3 * time.Hour); time.Since(at) > time.Hour; at = at.Add(time.Second) {
		s := monitor.SampleOf(monitor.Counters{Sessions: 7, CommitMedian: time.Millisecond, Commit99: time.Millisecond}, monitor.Counters{}, time.Second)
		s.Seq, s.At = uint64(at.Unix()), at
		day.Add(s)
	}
	day.End()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dashboard-24h"), day.Encode(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// hasDay is true on a dashboard that shows 24 hours of an earlier server, and live tiles.
const hasDay = isLive + ` && [...document.querySelectorAll('.legend [data-gauge=sessions]')].some((e) => e.textContent !== '–') && document.querySelector('.tiles [data-gauge=sessions]').textContent === '0'`

// The charts of 24 hours go on where an earlier server stopped, and have a gap where none ran.
// The tiles are those of this second.
func TestBrowserConsole_Day(t *testing.T) {
	t.Parallel()
	s := startIn(t, anEarlierDay(t))
	b := console(t, s, 3*time.Minute)
	b.click(".spans li:last-child a")
	b.until("24 hours", hasDay)
	// The newest sample is that of an hour ago, or of this server's first two minutes.
	b.until("a line where a server ran", `(() => { `+samples+` return drawn(5400); })()`)
	b.looked("console-24h")
	s.stop()
	s = startIn(t, s.dir, "--addr", s.addr)
	b.s = s
	b.open("/admin/?span=24h")
	b.until("24 hours after a restart", hasDay)
	b.until("a gap where no server ran", `(() => { `+samples+` return !drawn(1800) && drawn(5400); })()`)
	b.open("/") // which does not notice the stop
	b.forgive("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "status of 503")
}

// Firefox shows the 24 hours, too.
func TestFirefoxConsole_Day(t *testing.T) {
	t.Parallel()
	s := startIn(t, anEarlierDay(t))
	tab := inFirefox(t, s)
	tab.Go(s.firstRunLink())
	tab.Fill("Username", "ada")
	tab.Type(firefox.Tabulator + firefox.Tabulator + consolePassword)
	tab.Type(firefox.Tabulator + consolePassword + firefox.Enter)
	tab.Arrives("Live sessions")
	tab.Go("/admin/?span=24h")
	s.await("24 hours in Firefox", func() bool { return firefox.Eval[bool](tab, `Boolean(`+hasDay+`)`) })
}
