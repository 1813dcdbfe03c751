package e2e

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// A place is a page and what a visitor needs there.
type place struct{ path, needs string }

// places are the pages in an order that gives each its state.
var places = []place{
	{"/", `main button.main`},
	{"/get/", `main button.main`},
	{"/get/?was=idle", `main button.main`},
	{"/set/?name=Sonam", `main a.main`},
	{"/", `main a.main`},
	{"/get/", `main a.main`},
	{"/nope", `main a.main`},
	{"/del/", `main button.main`},
	{"/del/", `main button.main`},
}

// On a small laptop and on a phone, what a visitor needs is in view without scrolling, and the
// name comes before it.
func TestBrowserScreen_NeedsNoScrolling(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "de", "hi"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			b := open(t, start(t, "--idle-timeout", "5m", "--language", language), 3*time.Minute)
			for i, place := range places {
				b.open(place.path)
				for _, size := range [][2]int64{{1366, 657}, {360, 640}} {
					b.screen(size[0], size[1], "light")
					b.drawn()
					what := strconv.Itoa(i) + " " + place.path + " at " + strconv.FormatInt(size[0], 10)
					if low := eval[float64](b, `document.querySelector('`+place.needs+`').getBoundingClientRect().bottom - innerHeight`); low > 0 {
						t.Errorf("%s: what is needed ends %v pixels below the screen", what, low)
					}
					b.fits(what)
				}
			}
			b.forgive("status of 404")
		})
	}
}

// At 400 % of a small screen the number is in view on every page that counts, at the top of the
// page and further down, with scripts and without.
func TestBrowserScreen_Zoomed(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	for name, prepare := range map[string]func(*tab){"script": func(*tab) {}, "no script": (*tab).withoutScript} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, s, 2*time.Minute)
			prepare(b)
			for _, path := range []string{"/set/", "/", "/get/", "/nope"} {
				b.open(path)
				for _, size := range [][2]int64{{320, 256}, {341, 164}} {
					b.screen(size[0], size[1], "light")
					for _, top := range []string{"0", "150"} {
						eval[bool](b, `(scrollTo(0, `+top+`), true)`)
						if !eval[bool](b, countInView) {
							t.Errorf("%s at %v, scrolled to %s: the number is out of view", path, size, top)
						}
					}
					if wide := eval[float64](b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
						t.Errorf("%s at %v is %v pixels too wide", path, size, wide)
					}
				}
				b.shootScreen("zoomed-" + name + "-" + strings.Trim(path, "/"))
			}
			b.forgive("status of 404")
		})
	}
}

// countInView is whether the whole number is on the screen, and nothing over it.
const countInView = `((clock) => {
  const number = clock.shadowRoot?.querySelector('[part~=number]') ?? clock.querySelector('b');
  const box = number.getBoundingClientRect();
  const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return box.height > 10 && box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth && (there === clock || clock.contains(there));
})(document.querySelector('session-clock'))`

// A page of 640 pixels, as at 200 %, has one column before a text is squeezed.
func TestBrowserScreen_OneColumn(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "de", "fr", "es", "hi"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			b := open(t, start(t, "--idle-timeout", "5m", "--language", language), time.Minute)
			b.open("/set/")
			b.open("/")
			for _, width := range []int64{360, 640, 641, 768, 1366} {
				b.screen(width, 657, "light")
				b.drawn()
				if squeezed := eval[[]string](b, `[...document.querySelectorAll('.steps li')].filter((row) => {
  const text = row.querySelector('div p');
  const beside = row.querySelector('form').getBoundingClientRect().top < text.getBoundingClientRect().bottom;
  return beside && text.getBoundingClientRect().height / parseFloat(getComputedStyle(text).lineHeight) > 2.1;
}).map((row) => row.innerText)`); len(squeezed) > 0 {
					t.Errorf("at %d pixels these texts have more than two lines beside their form: %q", width, squeezed)
				}
			}
			b.shoot("home-" + language + "-1366")
		})
	}
}

// On paper, in dark mode too, a page is dark on white and has no buttons.
func TestBrowserScreen_Print(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5m"), time.Minute)
	b.open("/set/?name=Pema")
	for _, path := range []string{"/", "/get/"} {
		b.open(path)
		if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}); err != nil {
			t.Fatal(err)
		}
		b.shows("Pema", "Ends")
		if got := eval[string](b, `[getComputedStyle(document.querySelector('.name')).color, getComputedStyle(document.querySelector('.card')).backgroundColor, getComputedStyle(document.documentElement).backgroundColor].join('; ')`); got != "rgb(0, 0, 0); rgb(255, 255, 255); rgb(255, 255, 255)" {
			t.Errorf("%s is printed in %s; want black on white", path, got)
		}
		if shown := eval[int](b, `[...document.querySelectorAll('button, .button, input, session-clock')].filter((e) => e.getClientRects().length).length`); shown > 0 {
			t.Errorf("%s is printed with %d buttons and fields", path, shown)
		}
		b.shoot("print-" + strings.Trim(path, "/"))
	}
}
