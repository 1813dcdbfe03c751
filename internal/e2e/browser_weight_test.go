package e2e

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"regexp"
	"testing"

	"pagesession/internal/testkit"
	"pagesession/internal/text"
)

// The layout is stable: when the script takes over, as the count goes down, when the
// warning opens and closes.
func TestBrowserWeight_NothingMoves(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "20s"), testkit.Patience*5)
	b.screen(390, 844, "light")
	b.before(`self.moved = [];
new PerformanceObserver((list) => moved.push(...list.getEntries().map((e) =>
  e.value + ' ' + e.sources.map((s) => s.node?.nodeName + '.' + s.node?.parentNode?.className).join()))).observe({type: 'layout-shift', buffered: true});`)
	for _, path := range []string{"/set/", "/get/"} {
		b.open(path)
		b.until("the warning", warned)
		b.stay()
		b.until("the dialog closes", unwarned)
		eval[bool](b, `new Promise((done) => { // "second left" is narrower than "seconds left", and "x" than both
  `+part("unit")+`.textContent = 'x';
  requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
})`)
		if moved := eval[[]string](b, `moved`); len(moved) > 0 {
			t.Errorf("on %s moved: %q; want nothing", path, moved)
		}
	}
}

// maxHTML is the limit for the HTML of /get/: after system calls, its bytes are what a refresh
// costs most.
const maxHTML = 3300

// The HTML of /get/ is small in each language.
func TestBrowserWeight_HTML(t *testing.T) {
	t.Parallel()
	s := start(t, "--language", "auto")
	id := s.set()
	for _, tag := range text.Tags() {
		page := s.get("/get/", cookie(id), testkit.Header("Accept-Language", tag))
		page.Wants(http.StatusOK, `<html lang="`+tag+`">`, "remaining-ms")
		t.Logf("/get/ in %q: %d bytes", tag, len(page.Text))
		if len(page.Text) > maxHTML {
			t.Errorf("/get/ in %q has %d bytes; want at most %d", tag, len(page.Text), maxHTML)
		}
	}
}

// maxWeight is the limit for the page with its stylesheet and its script.
const maxWeight = 30 << 10

// HTML, stylesheet and script of /get/ are small, even for clients with gzip only.
func TestBrowserWeight_Small(t *testing.T) {
	t.Parallel()
	s := start(t)
	page := s.get("/get/", cookie(s.set()))
	weight := gzipped(t, page.Text)
	loaded := regexp.MustCompile(`(?:href|src)="(/static/[^"]*\.(?:css|js))"`).FindAllStringSubmatch(page.Text, -1)
	if len(loaded) != 2 {
		t.Errorf("/get/ loads %q; want a stylesheet and a script", loaded)
	}
	for _, m := range loaded {
		weight += gzipped(t, s.get(m[1]).Text)
	}
	if weight >= maxWeight {
		t.Errorf("/get/ comes to %d bytes; want less than %d", weight, maxWeight)
	}
}

func gzipped(t *testing.T, text string) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// The first paint works without a script: the answer has the count, the name, the end
// and a way to stay.
func TestBrowserWeight_PaintsWithoutScript(t *testing.T) {
	t.Parallel()
	b := open(t, start(t), testkit.Patience*3)
	b.withoutScript()
	b.open("/set/?name=Pema")
	b.open("/get/")
	b.shows(getTitle, "Pema", "20", "seconds left", "Ends", "UTC", extendButton, "200 seconds")
	b.until("it was painted", `performance.getEntriesByName('first-contentful-paint').length === 1`)
}
