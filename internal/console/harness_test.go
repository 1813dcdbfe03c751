package console_test

import (
	"bytes"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"
	"github.com/valyala/fasthttp"

	"pagesession/internal/account"
	"pagesession/internal/app"
	"pagesession/internal/console"
	"pagesession/internal/monitor"
	"pagesession/internal/session"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A desk is a console over real files, whose clocks stand still until a test
// has them go. It answers in memory, without what package web puts before it.
type desk struct {
	t        testing.TB
	clock    *clock
	accounts *account.Store
	visitors *storage.Storage
	operator *storage.Storage // the operators' sessions
	public   *session.Policy  // of the visitors
	monitor  fakeMonitor
	handler  fasthttp.RequestHandler
	log      *syncBuffer
	done     chan struct{} // what Config.Done is
}

// password is everybody's; the validators have nothing against it.
const password = "correct horse battery 7"

// openDesk opens a console with nobody in it. With configure a test changes its
// Config first.
func openDesk(t testing.TB, configure ...func(*console.Config)) *desk {
	t.Helper()
	return openDeskIn(t, t.TempDir(), configure...)
}

// openDeskIn is openDesk over the files of a folder.
func openDeskIn(t testing.TB, dir string, configure ...func(*console.Config)) *desk {
	t.Helper()
	d := &desk{t: t, clock: &clock{wall: time.Date(2026, 11, 22, 22, 22, 5, 0, time.UTC)}, log: new(syncBuffer), done: make(chan struct{})}
	logger := slog.New(slog.NewTextHandler(d.log, nil))
	var err error
	if d.accounts, err = account.Open(account.Config{Path: filepath.Join(dir, "accounts.db"), Now: d.clock.Wall, Logger: logger, CheapHashes: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.accounts.Close() })
	d.visitors, d.operator = d.store(dir, "sessions.db"), d.store(dir, "console.db")
	d.public = d.policy(session.Config{Store: app.Sessions(d.visitors), IdleTimeout: 20 * time.Second, AbsoluteTimeout: 12 * time.Hour})
	operators := d.policy(session.Config{
		Store: app.Sessions(d.operator), CookieName: "adminid", CookiePath: "/admin/", SameSite: "Strict",
		IdleTimeout: 15 * time.Minute, AbsoluteTimeout: 8 * time.Hour,
	})
	cfg := console.Config{
		Accounts: d.accounts, Sessions: operators, Operators: app.Sessions(d.operator), Visitors: app.Sessions(d.visitors),
		Monitor: &d.monitor, Done: d.done, Now: d.clock.Wall, Logger: logger,
	}
	for _, f := range configure {
		f(&cfg)
	}
	if d.handler, err = console.New(cfg); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) store(dir, name string) *storage.Storage {
	d.t.Helper()
	s, err := storage.Open(storage.Config{Database: filepath.Join(dir, name), Clock: d.clock})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = s.Close() })
	return s
}

func (d *desk) policy(cfg session.Config) *session.Policy {
	d.t.Helper()
	cfg.Now = d.clock.Wall
	p, err := session.New(cfg)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// owner is who owns the files, and may do everything.
var owner = account.Actor{Name: "root", Via: account.ViaCommandLine}

// add adds a user with the password that everybody has.
func (d *desk) add(u account.User) account.User {
	d.t.Helper()
	u.Active = true
	made, err := d.accounts.CreateUser(owner, u, password)
	if err != nil {
		d.t.Fatalf("CreateUser(%q) = %v", u.Username, err)
	}
	return made
}

// staff adds a member of the staff with these permissions.
func (d *desk) staff(name string, permissions ...account.Permission) account.User {
	d.t.Helper()
	return d.add(account.User{Username: name, Staff: true, Permissions: permissions})
}

// superuser adds somebody who may do everything.
func (d *desk) superuser(name string) account.User {
	d.t.Helper()
	return d.add(account.User{Username: name, Staff: true, Superuser: true})
}

// nobody is a browser in which nobody has logged in.
func (d *desk) nobody() *browser { return &browser{d: d, cookies: map[string]string{}} }

// as is a browser in which this user has logged in; "" is nobody's.
func (d *desk) as(name string) *browser {
	d.t.Helper()
	b := d.nobody()
	if name != "" {
		b.post("/admin/login/", "username", name, "password", password).wants(303)
	}
	return b
}

// visitor begins a session of a visitor and returns its handle.
func (d *desk) visitor(name string) record.Handle {
	d.t.Helper()
	return record.KeyOf(d.visitorID(name)).Handle()
}

// visitorID begins a session of a visitor and returns its id, which no page of
// the console may show.
func (d *desk) visitorID(name string) string {
	d.t.Helper()
	fiberApp := fiber.New()
	c := fiberApp.AcquireCtx(&fasthttp.RequestCtx{})
	defer fiberApp.ReleaseCtx(c)
	c.Context().SetRemoteAddr(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 17), Port: 4711})
	c.Request().Header.SetUserAgent("Browser of " + name)
	if _, err := d.public.Start(c, func(s *fibersession.Session) error { s.Set("name", name); return nil }); err != nil {
		d.t.Fatal(err)
	}
	_, id, _ := strings.Cut(string(c.Response().Header.PeekCookie("sessionid")), "=")
	id, _, _ = strings.Cut(id, ";")
	return strings.Clone(id)
}

// A browser keeps cookies.
type browser struct {
	d       *desk
	cookies map[string]string
	from    net.Addr // nil is this machine
}

// get asks for a page.
func (b *browser) get(path string) *answer {
	b.d.t.Helper()
	return b.do("GET", path, nil, "Sec-Fetch-Site", "same-origin")
}

// post sends a form of names and values from a page of the console.
func (b *browser) post(path string, form ...string) *answer {
	b.d.t.Helper()
	return b.do("POST", path, fields(form), "Sec-Fetch-Site", "same-origin")
}

func fields(pairs []string) url.Values {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

// do sends any request, with headers in pairs, and keeps the cookies that come.
func (b *browser) do(method, path string, form url.Values, headers ...string) *answer {
	b.d.t.Helper()
	a := &answer{t: b.d.t, what: method + " " + path}
	req := &a.ctx.Request
	req.Header.SetMethod(method)
	req.SetRequestURI(path)
	req.Header.SetHost("localhost:8000")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	if form != nil {
		req.Header.SetContentType("application/x-www-form-urlencoded")
		req.SetBodyString(form.Encode())
	}
	for name, value := range b.cookies {
		req.Header.SetCookie(name, value)
	}
	a.ctx.SetRemoteAddr(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4711})
	if b.from != nil {
		a.ctx.SetRemoteAddr(b.from)
	}
	b.d.handler(&a.ctx)
	for name, line := range a.ctx.Response.Header.Cookies() {
		b.keep(string(name), string(line))
	}
	return a
}

func (b *browser) keep(name, line string) {
	if strings.Contains(line, "Max-Age=0") || strings.Contains(line, "max-age=0") {
		delete(b.cookies, name)
		return
	}
	_, value, _ := strings.Cut(line, "=")
	value, _, _ = strings.Cut(value, ";")
	b.cookies[name] = strings.Trim(value, `"`)
}

// An answer is what came back.
type answer struct {
	t    testing.TB
	what string
	ctx  fasthttp.RequestCtx
}

func (a *answer) status() int { return a.ctx.Response.StatusCode() }

func (a *answer) body() string { return string(a.ctx.Response.Body()) }

func (a *answer) header(name string) string { return string(a.ctx.Response.Header.Peek(name)) }

// leads is the path that a redirect leads to.
func (a *answer) leads() string {
	u, err := url.Parse(a.header("Location"))
	if err != nil {
		return err.Error()
	}
	return u.RequestURI()
}

// wants fails the test unless the answer has that status and shows all of that.
func (a *answer) wants(status int, parts ...string) *answer {
	a.t.Helper()
	if a.status() != status {
		a.t.Errorf("%s = %d %s; want %d\n%.3000s", a.what, a.status(), a.header("Location"), status, a.body())
	}
	for _, part := range parts {
		if !strings.Contains(a.body(), part) {
			a.t.Errorf("%s does not show %q:\n%.20000s", a.what, part, a.body())
		}
	}
	return a
}

// lacks fails the test if the answer shows any of that.
func (a *answer) lacks(parts ...string) *answer {
	a.t.Helper()
	for _, part := range parts {
		if strings.Contains(a.body(), part) {
			a.t.Errorf("%s shows %q:\n%.20000s", a.what, part, a.body())
		}
	}
	return a
}

// A scenario is one request of somebody, and what must and must not come back.
type scenario struct {
	who      string // "" is nobody
	method   string // "" is GET
	path     string
	form     []string // names and values
	status   int
	leads    string // of a redirect
	contains []string
	lacks    []string
}

// run plays scenarios one after the other. Each user logs in once.
func (d *desk) run(t *testing.T, all []scenario) {
	t.Helper()
	browsers := map[string]*browser{}
	for _, sc := range all {
		if browsers[sc.who] == nil {
			browsers[sc.who] = d.as(sc.who)
		}
		method := sc.method
		if method == "" {
			method = "GET"
		}
		var form url.Values
		if sc.form != nil {
			form = fields(sc.form)
		}
		a := browsers[sc.who].do(method, sc.path, form, "Sec-Fetch-Site", "same-origin")
		a.t, a.what = t, or(sc.who, "nobody")+": "+a.what
		a.wants(sc.status, sc.contains...).lacks(sc.lacks...)
		if sc.leads != "" && a.leads() != sc.leads {
			t.Errorf("%s leads to %s; want %s", a.what, a.leads(), sc.leads)
		}
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// entries are the newest entries of the audit log.
func (d *desk) entries(q account.EntryQuery) []account.Entry {
	d.t.Helper()
	page, err := d.accounts.Entries(q)
	if err != nil {
		d.t.Fatal(err)
	}
	return page.Entries
}

// A fakeMonitor has the samples that a test gives it.
type fakeMonitor struct {
	mu      sync.Mutex // protects what follows
	samples []monitor.Sample
	more    chan struct{}
}

// add adds the sample of the next second, of what happened in two.
func (m *fakeMonitor) add(c monitor.Counters) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := monitor.SampleOf(c, monitor.Counters{}, 2*time.Second)
	s.Seq = uint64(len(m.samples)) + 1
	s.At = time.Date(2026, 11, 22, 22, 0, len(m.samples), 0, time.UTC)
	m.samples = append(m.samples, s)
	if m.more != nil {
		close(m.more)
		m.more = nil
	}
}

func (m *fakeMonitor) After(seq uint64) ([]monitor.Sample, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.more == nil {
		m.more = make(chan struct{})
	}
	return m.samples[min(seq, uint64(len(m.samples))):], m.more
}

// A clock is one for everything, and stands still until it is told to go.
type clock struct {
	mu   sync.Mutex // protects what follows
	wall time.Time
	boot time.Duration
}

func (c *clock) Wall() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wall
}

func (c *clock) Boot() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.boot
}

func (c *clock) BootID() string { return "boot-1" }

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.boot = c.wall.Add(d), c.boot+d
}

// A syncBuffer is a log that may be written while it is read.
type syncBuffer struct {
	mu  sync.Mutex // protects buf
	buf bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}
