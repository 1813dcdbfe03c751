package e2e

import (
	"math"
	"strings"
	"testing"
	"time"
)

// A sample is the count on the page, and the server's at the same time.
type sample struct {
	Shown float64 `json:"shown"` // seconds
	Left  float64 `json:"left"`  // ms, by the server
	RTT   float64 `json:"rtt"`   // ms that the request took
}

// sampling asks the server six times in three seconds. It peeks, which extends no
// session.
var sampling = `(async () => {
  const samples = [];
  for (let i = 0; i < 6; i++) {
    const asked = performance.now();
    const left = (await (await fetch('/session/', {cache: 'no-store'})).json()).remaining_ms;
    samples.push({left, rtt: performance.now() - asked, shown: Number(` + shownNumber + `)});
    await new Promise((done) => setTimeout(done, 500));
  }
  return samples;
})()`

// tolerance is how far the count may be off.
const tolerance = 300 * time.Millisecond

// The count on the page runs down in real time and agrees with the server, however
// wrong the visitor's own clock is.
func TestBrowserClock_RunsDown(t *testing.T) {
	t.Parallel()
	for name, shift := range map[string]string{"right": "0", "an hour fast": "3600e3", "an hour slow": "-3600e3"} {
		t.Run("a clock that is "+name, func(t *testing.T) {
			t.Parallel()
			b := open(t, start(t), 2*time.Minute) // samples take three seconds; the warning comes much later
			b.before(wrongClock(shift))
			b.open("/set/?name=Pema")
			b.click(`a[href^="/get/"]`)
			b.shows(getTitle, "Pema", "20 seconds", "seconds left")
			samples := eval[[]sample](b, sampling)
			slack := float64(tolerance.Milliseconds())
			for i, x := range samples {
				least, most := math.Ceil((x.Left-x.RTT-slack)/1000), math.Ceil((x.Left+x.RTT+slack)/1000)
				if x.Shown < least || x.Shown > most {
					t.Errorf("sample %d: the page shows %v s; the server says %v ms, want %v to %v s", i, x.Shown, x.Left, least, most)
				}
			}
			if first, last := samples[0], samples[len(samples)-1]; last.Shown > first.Shown-2 || last.Left > first.Left-2000 {
				t.Errorf("from %v to %v s shown, %v to %v ms left; want at least 2 s less", first.Shown, last.Shown, first.Left, last.Left)
			}
			if shift == "0" {
				b.checkEnd()
			}
			b.opensAt(10 * time.Second)
		})
	}
}

// wrongClock sets the page's clock wrong by that many milliseconds.
func wrongClock(shift string) string {
	return `{
  const Right = Date;
  self.Date = class extends Right {
    constructor(...when) { super(...(when.length ? when : [Right.now() + ` + shift + `])); }
    static now() { return Right.now() + ` + shift + `; }
  };
}`
}

// checkEnd compares the <time> on the page with the server's end.
func (b *tab) checkEnd() {
	b.t.Helper()
	off := eval[float64](b, `(async () => {
  const left = (await (await fetch('/session/')).json()).remaining_ms;
  return Date.parse(document.querySelector('time').dateTime) - (Date.now() + left);
})()`)
	if math.Abs(off) > 1500 {
		b.t.Errorf("<time> is %v ms off", off)
	}
}

// After 5 s without a request the page says by itself that the session has ended, on
// time, and removes what it showed of it.
func TestBrowserClock_EndsByItself(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5s")
	b := open(t, s, 60*time.Second)
	b.open("/")
	b.click("form[action='/set/'] button")
	b.shows(setTitle, "Sonam")
	before := time.Now()
	b.click(`a[href^="/get/"]`)
	after := time.Now() // the server answered at some time in between
	b.shows(getTitle, "Sonam")
	time.Sleep(3 * time.Second)
	if text := b.text(); !strings.Contains(text, "Sonam") {
		t.Errorf("the name is gone %v after the look:\n%s", time.Since(after), text)
	}
	b.leaves(getTitle, 5*time.Second)
	if time.Since(before) < 5*time.Second-tolerance || time.Since(after) > 7*time.Second {
		t.Errorf("the page changed %v to %v after the look; want about 5s", time.Since(after), time.Since(before))
	}
	b.arrives(endedTitle)
	if text := b.text(); strings.Contains(text, "Sonam") {
		t.Errorf("the page still shows the name:\n%s", text)
	}
	b.shoot("ended-by-itself")
}

// leaves waits until the page shows something else, at most d.
func (b *tab) leaves(h1 string, d time.Duration) {
	b.t.Helper()
	for end := time.Now().Add(d); b.heading() == h1; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("after %v the page still says %q", d, h1)
		}
	}
}

// heading returns the page's heading, "" while the page changes.
func (b *tab) heading() string {
	h1, err := evalOnce[string](b, `document.readyState === 'complete' ? document.querySelector('h1').textContent : ''`)
	if err != nil || h1 == "" {
		time.Sleep(50 * time.Millisecond)
		h1, _ = evalOnce[string](b, `document.querySelector('h1').textContent`)
	}
	return h1
}

// Stay extends the session.
func TestBrowserClock_Stay(t *testing.T) {
	t.Parallel()
	b := live(t, start(t))
	for range 3 { // after the third the session is older than 20 s
		time.Sleep(7 * time.Second)
		b.click(stayLink)
		b.shows(getTitle, "Pema")
		if left := b.left(); left < 12_000 {
			t.Errorf("after Stay %v ms are left; want about 20 s", left)
		}
	}
}

// The home page and the page of /set/ count down and end as well.
func TestBrowserClock_OtherPagesEnd(t *testing.T) {
	t.Parallel()
	for path, h1 := range map[string]string{"/": "A session that lasts 6 seconds", "/set/": setTitle} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := start(t, "--idle-timeout", "6s")
			b := open(t, s, 60*time.Second)
			b.open("/set/")
			b.open(path)
			b.leaves(h1, 12*time.Second)
			b.arrives(endedTitle)
		})
	}
}
