package console_test

import (
	"bytes"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"
	"github.com/valyala/fasthttp"

	"pagesession/internal/account"
	"pagesession/internal/backup"
	"pagesession/internal/console"
	"pagesession/internal/control"
	"pagesession/internal/monitor"
	"pagesession/internal/page"
	"pagesession/internal/testkit"
	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A fixture is a console over real files, whose clocks stand still until a test
// moves them. It answers in memory, without what package web puts before it.
type fixture struct {
	t        testing.TB
	dir      string // of the files
	clock    *testkit.Clock
	accounts *account.Store
	visitors *storage.Storage
	operator *storage.Storage  // the operators' sessions
	public   *fiberv2.Sessions // of the visitors
	monitor  fakeMonitor
	handler  fasthttp.RequestHandler
	log      *testkit.Log
	done     chan struct{} // what Config.Done is
}

// password is that of all users; the validators accept it.
const password = "correct horse battery 7"

// openConsole opens a console without users. With configure a test changes its
// Config first.
func openConsole(t testing.TB, configure ...func(*console.Config)) *fixture {
	t.Helper()
	return openConsoleIn(t, t.TempDir(), configure...)
}

// openConsoleIn is openConsole over the files of a folder.
func openConsoleIn(t testing.TB, dir string, configure ...func(*console.Config)) *fixture {
	t.Helper()
	return openConsoleOn(t, dir, account.Config{SecretKey: secretKey()}, configure...)
}

// secretKey is the server's key, where a test has no other.
func secretKey() []byte { return bytes.Repeat([]byte{7}, page.FlashKeySize) }

// openConsoleOn is openConsoleIn with accounts of another configuration.
func openConsoleOn(t testing.TB, dir string, accounts account.Config, configure ...func(*console.Config)) *fixture {
	t.Helper()
	d := &fixture{t: t, dir: dir, clock: testkit.NewClock(), log: new(testkit.Log), done: make(chan struct{})}
	logger := slog.New(slog.NewTextHandler(d.log, nil))
	accounts.Path, accounts.Now, accounts.Logger, accounts.CheapHashes = filepath.Join(dir, accountsFile), d.clock.Now, logger, true
	var err error
	if d.accounts, err = account.Open(t.Context(), accounts); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.accounts.Close() })
	d.visitors, d.operator = d.store(dir, "sessions.db"), d.store(dir, "console.db")
	d.public = d.policy(session.Config{Store: d.visitors.Sessions(), IdleTimeout: 20 * time.Second, AbsoluteTimeout: 12 * time.Hour})
	operators := d.policy(session.Config{
		Store: d.operator.Sessions(), CookieName: "adminid", SubjectValue: console.SubjectValue, CookiePath: "/admin/", SameSite: "Lax",
		IdleTimeout: 15 * time.Minute, AbsoluteTimeout: 8 * time.Hour,
	})
	walls := d.policy(session.Config{
		Store: d.operator.Sessions(), CookieName: "adminwall", SubjectValue: console.SubjectValue, CookiePath: "/admin/wall/", SameSite: "Strict",
		IdleTimeout: console.WallLife, AbsoluteTimeout: console.WallLife,
	})
	cfg := console.Config{
		Walls:    walls,
		Accounts: d.accounts, Sessions: operators, Operators: control.FileSessions{Storage: d.operator}, Visitors: control.FileSessions{Storage: d.visitors},
		Monitor: &d.monitor, Backups: &fakeBackups{d: d, folder: backup.Folder{Path: filepath.Join(dir, "backups"), Keep: 3}}, Done: d.done, Now: d.clock.Now, Logger: logger,
	}
	for _, f := range configure {
		f(&cfg)
	}
	cfg.LastEnded = control.NewLastEnded(cfg.Now)
	cfg.Endings = control.NewEndings(control.Stores{Accounts: cfg.Accounts, Visitors: cfg.Visitors, LastEnded: cfg.LastEnded}, "", logger)
	t.Cleanup(cfg.Endings.Close)
	if d.handler, err = console.New(cfg); err != nil {
		t.Fatal(err)
	}
	return d
}

const accountsFile = "accounts.sqlite"

// refuseEntries makes the audit log refuse entries from now on.
func (d *fixture) refuseEntries() {
	d.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(d.dir, accountsFile))
	if err != nil {
		d.t.Fatal(err)
	}
	_, err = db.Exec("CREATE TRIGGER refuse BEFORE INSERT ON entries BEGIN SELECT raise(ABORT, 'refused by a test'); END")
	if err = errors.Join(err, db.Close()); err != nil {
		d.t.Fatal(err)
	}
}

func (d *fixture) store(dir, name string) *storage.Storage {
	d.t.Helper()
	s, err := storage.Open(storage.Config{Database: filepath.Join(dir, name), Clock: d.clock})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = s.Close() })
	return s
}

func (d *fixture) policy(cfg session.Config) *fiberv2.Sessions {
	d.t.Helper()
	cfg.Now = d.clock.Now
	p, err := fiberv2.New(fiberv2.Config{Config: cfg})
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// owner is who owns the files, and may do everything.
var owner = account.Actor{Name: "root", Via: account.ViaCommandLine}

// add adds a user with the password that all users have.
func (d *fixture) add(u account.User) account.User {
	d.t.Helper()
	u.Active = true
	made, err := d.accounts.CreateUser(d.t.Context(), owner, u, password)
	if err != nil {
		d.t.Fatalf("CreateUser(%q) = %v", u.Username, err)
	}
	return made
}

// staff adds a member of the staff with these permissions.
func (d *fixture) staff(name string, permissions ...account.Permission) account.User {
	d.t.Helper()
	return d.add(account.User{Username: name, Staff: true, Permissions: permissions})
}

// superuser adds a user who may do everything.
func (d *fixture) superuser(name string) account.User {
	d.t.Helper()
	return d.add(account.User{Username: name, Staff: true, Superuser: true})
}

// signedOut is a browser in which no user has signed in.
func (d *fixture) signedOut() *browser {
	client := testkit.To(d.t, d.handler)
	client.Jar = map[string]string{}
	return &browser{client, d}
}

// as is a browser in which this user has signed in; "" is none.
func (d *fixture) as(name string) *browser {
	d.t.Helper()
	b := d.signedOut()
	if name != "" {
		b.post("/admin/login/", "username", name, "password", password).Wants(303)
	}
	return b
}

// visitor begins a session of a visitor and returns its handle.
func (d *fixture) visitor(name string) record.Handle {
	d.t.Helper()
	return record.KeyOf(d.visitorID(name)).Handle()
}

// visitorID begins a session of a visitor and returns its id, which no page of
// the console may show.
func (d *fixture) visitorID(name string) string {
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

// A browser keeps cookies, and asks as a page of the console does.
type browser struct {
	*testkit.Client
	d *fixture
}

// own says that a request comes from a page of the same origin.
var own = testkit.Header("Sec-Fetch-Site", "same-origin")

// get asks for a page.
func (b *browser) get(path string) *testkit.Reply {
	b.T.Helper()
	return b.Get(path, own)
}

// post sends a form of names and values from a page of the console.
func (b *browser) post(path string, form ...string) *testkit.Reply {
	b.T.Helper()
	return b.Post(path, own, testkit.Form(form...))
}

// A scenario is one request of a user, and what must and must not come back.
type scenario struct {
	who      string // "" has not signed in
	method   string // "" is GET
	path     string
	form     []string // names and values
	status   int
	leads    string // of a redirect
	contains []string
	lacks    []string
}

// run plays scenarios one after the other. Each user signs in once.
func (d *fixture) run(t *testing.T, all []scenario) {
	t.Helper()
	browsers := map[string]*browser{}
	for _, sc := range all {
		if browsers[sc.who] == nil {
			browsers[sc.who] = d.as(sc.who)
		}
		var opts []testkit.Option
		if sc.form != nil {
			opts = append(opts, testkit.Form(sc.form...))
		}
		a := browsers[sc.who].Do(or(sc.method, "GET"), sc.path, append(opts, own)...)
		a.What = or(sc.who, "signed out") + ": " + a.What
		a.Wants(sc.status, sc.contains...).Lacks(sc.lacks...)
		if sc.leads != "" && a.Leads() != sc.leads {
			t.Errorf("%s leads to %s; want %s", a.What, a.Leads(), sc.leads)
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
func (d *fixture) entries(q account.EntryQuery) []account.Entry {
	d.t.Helper()
	page, err := d.accounts.Entries(d.t.Context(), q)
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

// must returns what a read of the accounts found. It panics after an error, which none
// of these tests expects.
func must[T any](found T, err error) T {
	if err != nil {
		panic(err)
	}
	return found
}
