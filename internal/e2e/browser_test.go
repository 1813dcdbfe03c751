package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"pagesession/internal/testkit"
)

// browser starts the Chromium that all tests share. Each test has its own context in
// it, with its own cookies.
var browser = sync.OnceValues(func() (context.Context, error) {
	path, err := findChromium()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Env("LC_ALL=en_US.UTF-8"), // with C the headless shell sends "en-US@posix"
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		// The browser can resolve only the server under test, also under two names.
		chromedp.Flag("host-resolver-rules", "MAP "+ownName+" 127.0.0.1, MAP "+foreignName+" 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)
	ctx, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ = chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	browserStarted = ctx
	return ctx, chromedp.Do(ctx)
})

// browserStarted is nil unless browser has been called.
var browserStarted context.Context

func closeBrowser() {
	if browserStarted != nil {
		ctx, cancel := context.WithTimeout(browserStarted, 10*time.Second)
		defer cancel()
		_ = chromedp.Cancel(ctx)
	}
}

// findChromium returns the path of a Chromium, the headless shell first: it is the same
// engine without windows, which take twice as much processor time as the pages.
func findChromium() (string, error) {
	for _, name := range []string{"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no Chromium in the PATH: install it, on Debian with apt-get install chromium-headless-shell")
}

// A tab is a page of the browser, with the errors that occurred in it.
type tab struct {
	t   *testing.T
	s   *server
	ctx context.Context

	mu       sync.Mutex // protects what follows
	trouble  []string
	requests []string
	streams  int // answers that are streams of events
}

// open returns a tab in a new context without cookies, for at most d.
func open(t *testing.T, s *server, d time.Duration) *tab {
	t.Helper()
	shared, err := browser()
	switch _, missing := findChromium(); {
	case missing != nil && os.Getenv("CI") == "":
		t.Skip("skipped: ", missing)
	case err != nil:
		t.Fatalf("start Chromium: %v", err)
	}
	ctx, cancel := context.WithTimeout(shared, d)
	t.Cleanup(cancel)
	return newTab(t, s, ctx, chromedp.WithNewBrowserContext())
}

// another returns a second tab that shares the cookies.
func (b *tab) another() *tab { b.t.Helper(); return newTab(b.t, b.s, b.ctx) }

func newTab(t *testing.T, s *server, parent context.Context, options ...chromedp.ContextOption) *tab {
	t.Helper()
	b := &tab{t: t, s: s}
	ctx, cancel := chromedp.NewContext(parent, append(options, chromedp.WithListener(b.notice))...)
	b.ctx = ctx
	t.Cleanup(func() { b.check(); cancel() })
	b.do("open a tab", func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		var none chromedp.Void
		for _, enable := range []cdp.Command[cdp.Empty, cdp.Empty]{cdplog.Enable, audits.Enable} {
			if _, err := cdp.Call(ctx, target, enable, cdp.Empty{}); err != nil {
				return none, err
			}
		}
		_, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		return none, err
	})
	return b
}

// notice receives every event of the tab and keeps the errors.
func (b *tab) notice(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		b.trouble = append(b.trouble, "console."+string(e.Type))
	case *runtime.EventExceptionThrown:
		b.trouble = append(b.trouble, "exception: "+e.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		if strings.HasPrefix(e.Entry.Text, "Autofocus processing was blocked because a document already has a focused element") {
			return // the test was in a field before the browser's first frame
		}
		b.trouble = append(b.trouble, fmt.Sprintf("log %s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *audits.EventIssueAdded:
		details, _ := json.Marshal(e.Issue.Details)
		b.trouble = append(b.trouble, fmt.Sprintf("issue: %s %s", e.Issue.Code, details))
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventResponseReceived:
		if e.Response.Status == 200 && strings.HasPrefix(e.Response.MimeType, "text/event-stream") {
			b.streams++
		}
	case *network.EventLoadingFailed:
		if !e.Canceled {
			b.trouble = append(b.trouble, "loading failed: "+e.ErrorText)
		}
	}
}

// check fails the test for any message in the browser's console, any violation of the
// policy, and any request to another server.
func (b *tab) check() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, trouble := range b.trouble {
		b.t.Errorf("the browser says: %s", trouble)
	}
	for _, url := range b.requests {
		if !strings.HasPrefix(url, b.s.url+"/") && !strings.HasPrefix(url, "data:") {
			b.t.Errorf("the page asked %s; want nobody but %s", url, b.s.url)
		}
	}
}

// forgive removes errors that a test causes on purpose.
func (b *tab) forgive(parts ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trouble = slices.DeleteFunc(b.trouble, func(trouble string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(trouble, part) })
	})
}

// withoutScript turns JavaScript off.
func (b *tab) withoutScript() {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	if err != nil {
		b.t.Fatal(err)
	}
}

// open shows the page at a path of the server.
func (b *tab) open(path string) { b.t.Helper(); b.do("open "+path, chromedp.Navigate(b.s.url+path)) }

// cookie sets a session cookie in the browser that outlives its session.
func (b *tab) cookie(id string) { b.t.Helper(); b.cookieAt(id, "/") }

// cookieAt sets a session cookie for a path and what is below it.
func (b *tab) cookieAt(id, path string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: "sessionid", Value: id, URL: b.s.url + "/", Path: path})
	if err != nil {
		b.t.Fatalf("set a cookie: %v", err)
	}
}

// click clicks what the selector finds, and waits for the next page.
func (b *tab) click(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, testkit.Patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatalf("click %s: %v", selector, err)
	}
}

func (b *tab) do(what string, step chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, step); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// eval runs an expression in the page, awaits a promise, and returns the value.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluate %.80s: %v", expression, err)
	}
	return v
}

// text returns the visible text of the page, and of the element's parts.
func (b *tab) text() string {
	b.t.Helper()
	return eval[string](b, `[document.body, ...[...document.querySelectorAll('session-clock')].flatMap((e) => [...e.shadowRoot?.children ?? []])]
  .filter((e) => e.checkVisibility()).map((e) => e.innerText).join('\n')`)
}

// shows fails the test unless the page shows each of the texts.
func (b *tab) shows(parts ...string) {
	b.t.Helper()
	text := b.text()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			b.t.Errorf("the page does not show %q:\n%s", part, text)
		}
	}
}

// artifacts is the folder for pictures; "" keeps none.
var artifacts = os.Getenv("PAGESESSION_ARTIFACTS")

// shoot takes a picture of the whole page, where pictures are kept.
func (b *tab) shoot(name string) {
	b.t.Helper()
	keep(b.t, name, func() ([]byte, error) { return chromedp.Run(b.ctx, chromedp.FullScreenshot(100)) })
}

// shootScreen takes a picture of the screen, with an open dialog.
func (b *tab) shootScreen(name string) {
	b.t.Helper()
	keep(b.t, name, func() ([]byte, error) { return chromedp.Run(b.ctx, chromedp.CaptureScreenshot()) })
}

func keep(t *testing.T, name string, take func() ([]byte, error)) {
	t.Helper()
	if artifacts == "" {
		return
	}
	picture, err := take()
	if err := errors.Join(err, os.MkdirAll(artifacts, 0o700), os.WriteFile(filepath.Join(artifacts, name+".png"), picture, 0o600)); err != nil {
		t.Errorf("picture of %s: %v", name, err)
	}
}
