package web

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/session/storetest"
	"pagesession/storage/record"
)

// fake is a scripted Sessions: every Peek and Refresh shows view, every change
// fails with err or succeeds, and each call is recorded.
type fake struct {
	mu    sync.Mutex
	view  session.View
	err   error
	calls []string
	idle  time.Duration // what Update was asked to grant
	names []string      // what Start was asked to write

	lookErr error // of Peek and Refresh
	store   *fibersession.Store
}

// made is what the cookie says in these tests; a real one would be an id.
const made, deleted = "sessionid=made; path=/", "sessionid=; max-age=0; path=/"

func (f *fake) reset(view session.View, store *fibersession.Store) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.view, f.store, f.err, f.lookErr, f.calls, f.idle, f.names = view, store, nil, nil, nil, 0, nil
}

func (f *fake) note(c *fiber.Ctx, call string) session.View {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Vary("Cookie")
	return f.view
}

func (f *fake) Peek(c *fiber.Ctx) (session.View, error) { return f.note(c, "peek"), f.lookErr }

func (f *fake) Refresh(c *fiber.Ctx) (session.View, error) {
	if f.lookErr != nil {
		return f.note(c, "refresh"), f.lookErr
	}
	view := f.note(c, "refresh")
	switch {
	case view.Live():
		c.Set(fiber.HeaderSetCookie, made)
	case view.Cookie:
		c.Set(fiber.HeaderSetCookie, deleted)
	}
	return view, nil
}

func (f *fake) Start(c *fiber.Ctx, change func(*fibersession.Session) error) (session.View, error) {
	f.note(c, "start")
	sess, err := f.store.Get(c)
	if err != nil {
		return session.View{}, err
	}
	if err := change(sess); err != nil {
		return session.View{}, err
	}
	c.Set(fiber.HeaderSetCookie, made) // a bad policy would leave it there
	if f.err != nil {
		return session.View{}, f.err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	name, _ := sess.Get(nameKey).(string)
	f.names = append(f.names, name)
	return liveView(name), nil
}

// Update notes the idle timeout that it is asked for.
func (f *fake) Update(c *fiber.Ctx, change func(*fibersession.Session) error) (session.View, error) {
	view := f.note(c, "update")
	if !view.Live() {
		return view, session.ErrEnded
	}
	store := fibersession.New(fibersession.Config{Storage: &grants{f: f}})
	sess, err := store.Get(c)
	if err != nil {
		return view, err
	}
	if err := errors.Join(change(sess), sess.Save(), f.err); err != nil {
		return view, err
	}
	c.Response().Header.DelAllCookies() // Fiber's own
	c.Set(fiber.HeaderSetCookie, made)
	view.IdleTimeout = f.idle
	view.Remaining = f.idle
	return view, nil
}

// grants is a storage that sees only what idle timeout is stored.
type grants struct {
	fiber.Storage
	f *fake
}

func (g *grants) Get(string) ([]byte, error) { return nil, nil }
func (g *grants) Set(_ string, _ []byte, idle time.Duration) error {
	g.f.idle = idle
	return nil
}

func (f *fake) End(c *fiber.Ctx) error {
	view := f.note(c, "end")
	if view.Cookie {
		c.Set(fiber.HeaderSetCookie, deleted)
	}
	return f.err
}

func (f *fake) Token(c *fiber.Ctx) session.Token { return session.ParseToken(c.Cookies("sessionid")) }

// Policy returns one without sessions.
func (f *fake) Policy() *session.Policy {
	cfg := session.DefaultConfig()
	cfg.Store = new(storetest.Memory)
	p, err := session.New(cfg)
	if err != nil {
		panic(err)
	}
	return p
}

// changes is called without the looks, which change nothing.
func (f *fake) changes() string {
	calls := strings.Fields(f.called())
	return strings.Join(slices.DeleteFunc(calls, func(call string) bool { return call == "peek" }), " ")
}

// called returns the calls since the last time, joined, and forgets them.
func (f *fake) called() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := strings.Join(f.calls, " ")
	f.calls = nil
	return calls
}

func liveView(name string) session.View {
	return session.View{
		State:             record.Live,
		Values:            session.ValuesOf(map[string]any{"name": name}),
		Age:               3 * time.Second,
		IdleTimeout:       20 * time.Second,
		Remaining:         16800 * time.Millisecond,
		AbsoluteRemaining: 12*time.Hour - 3*time.Second,
		Expires:           time.Date(2026, 11, 22, 22, 22, 5, 400, time.UTC),
		Cookie:            true,
	}
}

func endedView(why record.Reason) session.View {
	return session.View{State: record.Ended, Reason: why, Cookie: true}
}

// shared is an app that is made once, for the tests that change nothing in its
// Config, and its fake.
var shared = sync.OnceValues(func() (*fiber.App, *fake) {
	f := new(fake)
	app, err := New(testConfig(f))
	if err != nil {
		panic(err)
	}
	return app, f
})

func testConfig(f *fake) Config {
	return Config{Sessions: f, Logger: slog.New(slog.DiscardHandler), FlashKey: testKey}
}

// newApp returns an app over a fake that shows view. An app that is not changed
// serves until the next call.
func newApp(t testing.TB, view session.View, change ...func(*Config)) (*fiber.App, *fake) {
	t.Helper()
	fresh := fake{view: view, store: fibersession.New()}
	if len(change) == 0 {
		app, f := shared()
		f.reset(fresh.view, fresh.store)
		return app, f
	}
	cfg := testConfig(&fresh)
	for _, set := range change {
		set(&cfg)
	}
	app, err := New(cfg)
	if err != nil {
		t.Fatalf("New = %v", err)
	}
	return app, &fresh
}

// ask sends a request with headers given as "Name: value". Host is localhost
// unless one of them says otherwise.
func ask(t testing.TB, app *fiber.App, method, target, body string, headers ...string) *testkit.Reply {
	t.Helper()
	var options []testkit.Option
	if body != "" && !slices.ContainsFunc(headers, func(h string) bool { return strings.HasPrefix(h, "Content-Type:") }) {
		headers = append(headers, "Content-Type: application/x-www-form-urlencoded")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Content-Type" {
			options = append(options, testkit.Body(value, body))
			continue
		}
		options = append(options, testkit.Header(name, value))
	}
	return testkit.To(t, Handler(app)).Do(method, target, options...)
}

func cookies(a *testkit.Reply) []string { return a.Header["Set-Cookie"] }
