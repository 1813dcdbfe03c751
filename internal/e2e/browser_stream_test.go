package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"pagesession/storage/record"
)

// hearing keeps when and why a page heard of its session's end.
const hearing = `addEventListener('session-ended', (e) => sessionStorage.setItem('heard', JSON.stringify({at: Date.now(), why: e.detail.reason})));`

// asked returns how often the page has requested a path.
func (b *tab) asked(path string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, url := range b.requests {
		if url == b.s.url+path {
			n++
		}
	}
	return n
}

// operatorEnds ends the browser's session as an operator does, and returns when.
func (b *tab) operatorEnds() time.Time {
	b.t.Helper()
	key := record.KeyOf(b.id()).Handle().Fingerprint()
	begun := time.Now()
	if said := runCommand(b.s.dir, nil, "sessions", "end", key); said.code != 0 {
		b.t.Fatalf("sessions end = %+v", said)
	}
	return begun
}

// hears fails the test unless the page shows in time that an operator ended the session.
func (b *tab) hears(ended time.Time, within time.Duration) {
	b.t.Helper()
	b.until("the page of the end", `document.querySelector('main').innerText.includes('An operator ended your session')`)
	heard := eval[struct {
		At  int64
		Why string
	}](b, `JSON.parse(sessionStorage.getItem('heard'))`)
	if took := time.UnixMilli(heard.At).Sub(ended); took > within || heard.Why != "revoked" {
		b.t.Errorf("the page heard of the end after %v, with the reason %q; want it within %v, revoked", took, heard.Why, within)
	}
}

// heardWithin is what the pages promise. It includes the operator's command.
const heardWithin = 3 * time.Second

// onPages opens /get/ and / in two tabs of one browser. The server has places for streams.
func onPages(t *testing.T) (first, second *tab) {
	t.Helper()
	a := open(t, start(t, "--idle-timeout", "200s", "--max-streams", "8"), 3*time.Minute)
	a.before(hearing)
	a.open("/set/?name=Pema")
	a.open("/get/")
	b := a.another()
	b.before(hearing)
	b.open("/")
	b.shows("Pema")
	return a, b
}

// streaming waits until the tab's page has a stream, one more than it had before.
func (b *tab) streaming(before int) {
	b.t.Helper()
	b.s.await("the stream", func() bool { return b.streamed() > before })
}

func (b *tab) streamed() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.streams
}

// oneStream waits until the server has one stream: of its eight places seven are free.
func (b *tab) oneStream() {
	b.t.Helper()
	b.s.await("one stream at the server", func() bool {
		free := 0
		for ; free <= 8; free++ {
			r := b.s.get("/session/stream/", cookie(b.id()))
			if r.StatusCode != 200 {
				break
			}
			defer func() { _ = r.Body.Close() }()
		}
		return free == 7
	})
}

// An operator ends the session of two open pages, which share one stream.
func TestBrowserStream_OperatorEnds(t *testing.T) {
	t.Parallel()
	a, b := onPages(t)
	a.streaming(0)
	a.oneStream()
	looked := a.asked("/session/") + b.asked("/session/")
	time.Sleep(4 * time.Second) // in which pages without a stream ask
	if n := a.asked("/session/") + b.asked("/session/"); n != looked {
		t.Errorf("the tabs asked %d times how the session is; want none beside the stream", n-looked)
	}
	if n := b.asked("/session/stream/"); n != 0 {
		t.Errorf("the second tab asked for %d streams; want none", n)
	}
	ended := a.operatorEnds()
	a.hears(ended, heardWithin)
	b.hears(ended, heardWithin)
}

// The tab with the stream closes, is frozen, or goes to a page without a clock: another takes over.
func TestBrowserStream_Handover(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*tab){
		"closed": func(a *tab) {
			if _, err := chromedp.Call(a.ctx, page.Close, cdp.Empty{}); err != nil {
				t.Error(err)
			}
		},
		"elsewhere": func(a *tab) { a.open("/robots.txt") },
		"frozen":    func(a *tab) { a.lifecycle(page.SetWebLifecycleStateStateFrozen) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := onPages(t)
			a.streaming(0)
			leave(a)
			b.streaming(0)
			b.oneStream()
			b.hears(b.operatorEnds(), heardWithin)
		})
	}
}

// Where there is no stream, visible pages ask.
func TestBrowserStream_None(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		args   []string
	}{
		"refused":        {"", []string{"--max-streams", "0"}},
		"no locks":       {`delete Navigator.prototype.locks`, nil},
		"no EventSource": {`delete self.EventSource`, nil},
		"no channel":     {noChannel, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, start(t, append([]string{"--idle-timeout", "200s"}, test.args...)...), 3*time.Minute)
			a.before(hearing + test.script)
			a.open("/set/?name=Pema")
			a.open("/get/")
			a.until("a look", `performance.getEntriesByType('resource').some((e) => e.name.endsWith('/session/'))`)
			a.hears(a.operatorEnds(), heardWithin+2*time.Second)
			a.forgive("503")
			if n := a.asked("/session/stream/"); n > 0 != strings.HasPrefix(name, "refused") {
				t.Errorf("%d requests for a stream", n)
			}
		})
	}
}

// The page of a deletion comes, though the stream tells the other tab of the end first.
func TestBrowserStream_OwnDeletion(t *testing.T) {
	t.Parallel()
	a, b := onPages(t)
	a.streaming(0)
	b.open("/get/")
	b.click("form.row[action='/del/'] button")
	b.shows(delTitle)
	a.until("the page of the end", `document.querySelector('main').innerText.includes('Your session was deleted')`)
}

// A page that is on its way somewhere goes on when it hears of an end, without what is private.
// If it is still here after five seconds, it moves.
func TestBrowserStream_OnTheWay(t *testing.T) {
	t.Parallel()
	a, _ := onPages(t)
	a.streaming(0)
	eval[bool](a, `(dispatchEvent(new Event('beforeunload')), true)`)
	ended := a.operatorEnds()
	a.until("the private part leaves", `!document.querySelector('[data-private]')`)
	a.hears(ended, heardWithin)
	if waited := eval[float64](a, `performance.timeOrigin - JSON.parse(sessionStorage.getItem('heard')).at`); waited < 4500 {
		t.Errorf("the page left %v ms after it heard of the end; want it to wait 5 s", waited)
	}
}

// Nine tabs of a browser, which has six connections to a server, share one stream. All hear of
// the end, and pages still load beside it.
func TestBrowserStream_NineTabs(t *testing.T) {
	t.Parallel()
	a, b := onPages(t)
	all := []*tab{a, b}
	for len(all) < 9 {
		more := a.another()
		more.before(hearing)
		more.open("/")
		more.shows("Pema")
		all = append(all, more)
	}
	a.streaming(0)
	a.oneStream()
	ended := a.operatorEnds()
	for _, one := range all {
		one.hears(ended, heardWithin)
	}
}
