package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// A screen is a size and a colour scheme.
type screen struct {
	name          string
	width, height int64
	scheme        string
}

// checked are the screens on which every page is checked. Only the first two get all of
// axe, in light and dark.
var checked = []screen{
	{"360-light", 360, 740, "light"},
	{"1366-dark", 1366, 768, "dark"},
	{"768-light", 768, 1024, "light"},
	narrow,
}

// narrow is what a page of 1280 pixels becomes at a zoom of 400 %. It gets no pictures.
var narrow = screen{"320-light", 320, 568, "light"}

// pictured are the further ones when pictures are kept: of each page at 360, 768, 1366 and
// 1920 pixels, in light and dark.
var pictured = []screen{
	{"360-dark", 360, 740, "dark"},
	{"768-dark", 768, 1024, "dark"},
	{"1366-light", 1366, 768, "light"},
	{"1920-light", 1920, 1080, "light"},
	{"1920-dark", 1920, 1080, "dark"},
}

// screens returns the screens for a test.
func screens() []screen {
	if artifacts == "" {
		return checked
	}
	return slices.Concat(checked, pictured)
}

// looks are the pages, in an order that gives each its state.
var looks = []struct{ name, path string }{
	{"home-none", "/"},
	{"none", "/get/"},
	{"set", "/set/?name=Sonam"},
	{"get", "/get/"},
	{"home-live", "/"},
	{"bad-name", "/set/?name="},
	{"long-name", "/set/?name=" + strings.Repeat("Wwwwwwwwww", 10)},
	{"long-name-get", "/get/"},
	{"not-found", "/nope"},
	{"del", "/del/"},
}

// Every page fits on every screen, has targets large enough for a finger, and is
// accessible. The pictures are for people to look at.
func TestBrowserLook_Pages(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m") // longer than a slow machine needs before the warning
	b := open(t, s, 4*time.Minute)
	for _, look := range looks {
		b.open(look.path)
		b.looked(look.name)
	}
	b.forgive("status of 400", "status of 404") // the browser logs error pages
}

// The warning fits on every screen and is accessible. Each screen has a session of its own,
// because the warning lasts ten seconds.
func TestBrowserLook_Warning(t *testing.T) {
	t.Parallel()
	s := start(t)
	for i, screen := range screens() {
		t.Run(screen.name, func(t *testing.T) {
			t.Parallel()
			b := open(t, s, time.Minute)
			b.screen(screen.width, screen.height, screen.scheme)
			b.open("/set/")
			b.open("/get/")
			b.until("the warning", warned)
			b.shootScreen("warning-" + screen.name)
			b.fits("the warning")
			if i < 2 {
				b.axe("the warning")
			}
		})
	}
}

// The page without scripts.
func TestBrowserLook_WithoutScript(t *testing.T) {
	t.Parallel()
	b := open(t, start(t, "--idle-timeout", "5m"), 4*time.Minute)
	b.withoutScript()
	b.open("/set/")
	b.open("/get/")
	for _, screen := range screens() {
		b.screen(screen.width, screen.height, screen.scheme)
		b.shoot("without-script-" + screen.name)
	}
}

// Notices, a timeout that is not offered, the question after a link on another site,
// what --debug adds, and a language with long words.
func TestBrowserLook_Rest(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m", "--debug", "--language", "de")
	b := open(t, s, 4*time.Minute)
	b.open("/set/?name=Pema")
	b.open("/")
	b.click(`form[action="/set/"] button`)
	b.looked("notice")
	b.open("/get/")
	b.looked("get-german")
	b.click(`button[value="900"]`)
	b.looked("notice-timeout")
	eval[bool](b, `(document.querySelector('button[value="900"]').value = '901', true)`)
	b.click(`button[value="901"]`)
	b.looked("wrong-timeout")
	b.do("visit another site", chromedp.Navigate("data:text/html,<!DOCTYPE html><a href='"+s.url+"/del/'>a prize</a>"))
	b.click("a")
	b.looked("confirm")
	b.open("/nope")
	b.looked("debug")
	b.forgive("status of 400", "status of 404")
}

// The ended page, which a browser shows to a visitor who comes back with a cookie.
func TestBrowserLook_Ended(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "1s")
	b := open(t, s, time.Minute)
	id := s.set()
	time.Sleep(1100 * time.Millisecond)
	for name, path := range map[string]string{"home-ended": "/", "ended": "/get/"} {
		b.cookie(id)
		b.open(path)
		b.looked(name)
	}
	b.cookie(id)
	b.open("/get/")
	b.shows(endedTitle, "Start a new session")
	for _, reason := range []string{"absolute", "deleted", "revoked"} {
		b.open("/get/?was=" + reason)
		b.looked("ended-" + reason)
	}
}

// A browser with the cookies of two live sessions is told that none counts.
func TestBrowserLook_SeveralSessions(t *testing.T) {
	t.Parallel()
	s := start(t, "--idle-timeout", "5m")
	b := open(t, s, time.Minute)
	b.cookie(s.set())
	b.cookieAt(s.set(), "/get/")
	b.open("/get/")
	b.shows("cookies of several live sessions")
	b.looked("several")
}

// looked checks the open page on every screen: it fits, has targets large enough for a
// finger, and is accessible in light and dark, on a narrow and on a wide screen.
func (b *tab) looked(name string) {
	b.t.Helper()
	for i, screen := range screens() {
		b.screen(screen.width, screen.height, screen.scheme)
		b.drawn()
		if screen != narrow {
			b.shoot(name + "-" + screen.name)
		}
		b.fits(name + " on " + screen.name)
		if i < 2 {
			b.axe(name + " on " + screen.name)
		}
	}
}

// drawn waits until the page is drawn after a change of its screen.
func (b *tab) drawn() {
	b.t.Helper()
	eval[bool](b, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
}

func (b *tab) screen(width, height int64, scheme string) {
	b.t.Helper()
	b.do("resize", chromedp.EmulateViewport(width, height))
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}
