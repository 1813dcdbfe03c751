package e2e

import (
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"pagesession/internal/text"
)

// longTimes are milliseconds that are left, each with the longest text of its kind.
var longTimes = []int64{88_000, 3_599_000, 172_799_000, 2_592_000_000}

// What stands in the ring has room there in each language and for any time, on the page and in
// the warning, on a phone and beside it.
func TestBrowserRing_HasRoom(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m", "--language", "auto")
	for _, tag := range text.Tags() {
		t.Run(tag, func(t *testing.T) {
			t.Parallel()
			b := open(t, s, 2*time.Minute)
			b.speaks(tag)
			b.open("/set/")
			b.open("/get/")
			for _, width := range []int64{360, 1366} {
				b.screen(width, 740, "light")
				for _, ms := range longTimes {
					eval[bool](b, drawn(ms))
					b.fitsRing(tag+", "+strconv.FormatInt(ms, 10)+" ms", `[...`+shadow+`.querySelectorAll('[part~=clock]')]`, "[part~=ring]", "[part~=number], [part~=unit]")
				}
			}
		})
	}
}

// drawn has the element show a time and open its warning.
func drawn(ms int64) string {
	left := strconv.FormatInt(ms, 10)
	return `((clock) => {
  clock.take({ remaining_ms: ` + left + `, idle_timeout_ms: ` + left + `, absolute_remaining_ms: null });
  clock.draw(` + left + `);
  if (!clock.dialog.open) clock.open();
  return true;
})(document.querySelector('session-clock'))`
}

// Without scripts the ring is a border, and the words in it are the server's.
func TestBrowserRing_HasRoomWithoutScript(t *testing.T) {
	t.Parallel()
	for _, idle := range []string{"88s", "3599s", "172799s", "720h"} {
		t.Run(idle, func(t *testing.T) {
			t.Parallel()
			s := start(t, "--idle-timeout", idle, "--absolute-timeout", "0", "--language", "auto")
			b := open(t, s, 2*time.Minute)
			b.withoutScript()
			for _, tag := range text.Tags() {
				b.speaks(tag)
				b.open("/set/")
				b.open("/get/")
				for _, width := range []int64{360, 1366} {
					b.screen(width, 740, "light")
					b.fitsRing(tag+", "+idle, `[document.querySelector('session-clock')]`, "", "b, span")
				}
			}
		})
	}
}

// speaks has the browser ask for a language.
func (b *tab) speaks(tag string) {
	b.t.Helper()
	agent := eval[string](b, `navigator.userAgent`)
	if _, err := chromedp.Call(b.ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: tag}); err != nil {
		b.t.Fatal(err)
	}
}

// fitsRing fails the test if a corner of a line of text is outside the ring, which is the
// element that ring selects in each clock, or the clock itself.
func (b *tab) fitsRing(what, clocks, ring, texts string) {
	b.t.Helper()
	cut := eval[[]string](b, `((clocks, ring, texts) => {
  const cut = [];
  for (const clock of clocks) {
    const box = (ring ? clock.querySelector(ring) : clock).getBoundingClientRect();
    if (box.width === 0) continue;
    const [x, y, r] = [box.left + box.width / 2, box.top + box.height / 2, box.width / 2 * 50.5 / 60]; // inside the stroke
    for (const e of clock.querySelectorAll(texts)) {
      const range = document.createRange();
      range.selectNodeContents(e);
      const trim = parseFloat(getComputedStyle(e).fontSize) * .2; // a line is higher than its letters
      for (const line of range.getClientRects()) {
        for (const [px, py] of [[line.left, line.top + trim], [line.right, line.top + trim], [line.left, line.bottom - trim], [line.right, line.bottom - trim]]) {
          const far = Math.hypot(px - x, py - y);
          if (far > r) cut.push(e.textContent + ': ' + Math.round(far) + ' of ' + Math.round(r));
        }
      }
    }
  }
  return cut;
})(`+clocks+`, `+quoted(ring)+`, `+quoted(texts)+`)`)
	if len(cut) > 0 {
		b.t.Errorf("%s: outside the ring are %q", what, cut)
	}
}
