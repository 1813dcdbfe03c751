// Package console is the operators' console: everything under /admin/.
//
// A file is named after its pages: session_list.go is /admin/sessions/, login.go
// is /admin/login/; users and groups share object_*.go. routes.go has each route
// with its access, which guard.go checks before any handler runs. A handler reads
// the request, calls the accounts or the sessions, and renders a typed page.
//
// The pages work without scripts. They name a session by its handle, which cannot
// open it: a part of its key, the hash of the id.
package console

import (
	"cmp"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"
	"github.com/valyala/fasthttp"

	"pagesession/internal/account"
	"pagesession/internal/assets"
	"pagesession/internal/basepath"
	"pagesession/internal/check"
	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/monitor"
	"pagesession/internal/network"
	"pagesession/internal/page"
	"pagesession/internal/passkey"
	"pagesession/internal/servers"
	"pagesession/internal/text"
	"pagesession/session"
	"pagesession/views"
)

// Sessions is the session policy of the operators: its own cookie, its own
// store, its own timeouts. See fiberv2.Sessions for what its methods promise.
type Sessions interface {
	Peek(c *fiber.Ctx) (session.View, error)
	Refresh(c *fiber.Ctx) (session.View, error)
	Start(c *fiber.Ctx, change func(*fibersession.Session) error) (session.View, error)
	Update(c *fiber.Ctx, change func(*fibersession.Session) error) (session.View, error)
	End(c *fiber.Ctx) error
	Token(c *fiber.Ctx) session.Token
	Policy() *session.Policy
}

// SubjectValue is the value of a console session that says whose it is, for
// session.Config: the user's id.
const SubjectValue = "user"

// A Monitor has the figures of the dashboard. See monitor.Monitor and monitor.Day.
type Monitor interface {
	After(seq uint64) (samples []monitor.Sample, more <-chan struct{})
}

// Config is what New needs. What has no default is required.
type Config struct {
	Accounts  Accounts
	Sessions  Sessions       // of operators
	Walls     Sessions       // of their wall screens, in the same store, with another cookie
	Operators control.Lister // the same sessions, seen from the store
	Visitors  control.Lister // the sessions that are operated on
	Monitor   Monitor
	Backups   Backups
	Endings   *control.Endings // ends matching Visitors

	// Day has the figures of the last 24 hours. Default: none.
	Day Monitor

	// LastEnded remembers whose sessions operators ended. Default: nothing.
	LastEnded *control.LastEnded

	// Files returns the state of each session file and of the accounts. Default: none.
	Files func() []health.File

	// Checks returns what checks have found last. It asks neither disk nor database. Default: nothing.
	Checks func() []check.Finding

	// Memory returns what the process has of each kind of memory. Default: nothing.
	Memory func() []monitor.MemoryUse

	// Settings are those of this server, without secrets. Default: none.
	Settings []config.Value

	// Servers returns the servers that share the visitors' sessions. Default: none.
	Servers func() []servers.Server

	// BasePath is where the addresses on the pages begin. Default: "/".
	BasePath basepath.Path
	// StaticURL is where pages load static files from. Default: this server.
	StaticURL assets.Place
	// Untrusted returns the peer whose forwarding headers are ignored; "" for none. See
	// client.Resolver. Default: none.
	Untrusted func() string

	// FlashKey signs the flash notices and the device cookies, gives the keys of sealed
	// cookies, and makes the fingerprints of names in the log, in page.FlashKeySize bytes.
	// Default: a random one, so a restart drops notices that wait, and forgets devices.
	FlashKey []byte
	// FirstRun opens the page that creates the first superuser. Default: no page.
	FirstRun FirstRun
	// Addresses says what the log has of operators' addresses. Default: the whole address.
	Addresses network.Kept
	// TimeZone is the zone of the dates on pages. Default: UTC.
	TimeZone *time.Location
	// Done is closed when the server stops: streams end then. Default: never.
	Done <-chan struct{}

	Now    func() time.Time // default: time.Now
	Logger *slog.Logger     // default: slog.Default()
}

func (cfg Config) withDefaults() Config {
	cfg.TimeZone, cfg.Logger = cmp.Or(cfg.TimeZone, time.UTC), cmp.Or(cfg.Logger, slog.Default())
	if cfg.FlashKey == nil {
		cfg.FlashKey = page.NewFlashKey()
	}
	if cfg.Files == nil {
		cfg.Files = func() []health.File { return nil }
	}
	if cfg.Memory == nil {
		cfg.Memory = func() []monitor.MemoryUse { return nil }
	}
	if cfg.Checks == nil {
		cfg.Checks = func() []check.Finding { return nil }
	}
	if cfg.Servers == nil {
		cfg.Servers = func() []servers.Server { return nil }
	}
	if cfg.Untrusted == nil {
		cfg.Untrusted = func() string { return "" }
	}
	if cfg.Day == nil {
		cfg.Day = new(monitor.Day)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return cfg
}

// console is everything the handlers share. It does not change after New.
type console struct {
	Config
	english    *text.Language
	templates  *page.Templates
	flashes    *page.Flashes
	devices    *devices
	tickets    *sealedCookie[signInTicket]
	challenges *sealedCookie[passkey.Challenge] // of sign-ins
	passkeys   *sealedCookie[account.PasskeySetup]
	fresh      *sealedCookie[freshCodes]
	streams    *streams
	started    time.Time
	paced      *page.PacedLog // for what strangers can cause
	away       *page.PacedLog // of a session server, which each open list asks every 2 s
	refusals   *refusalLog
}

// New returns the console, which answers /admin and everything below it. The
// caller has checked the Host, set the headers of every page, and catches panics.
func New(cfg Config) (fasthttp.RequestHandler, error) {
	if cfg.Accounts == nil || cfg.Sessions == nil || cfg.Walls == nil || cfg.Operators == nil || cfg.Visitors == nil || cfg.Monitor == nil || cfg.Backups == nil || cfg.Endings == nil {
		return nil, errors.New("console: something required is missing in Config")
	}
	cfg = cfg.withDefaults()
	s := &console{Config: cfg, streams: &streams{byUser: map[uint64]int{}}, started: cfg.Now(), paced: page.NewPacedLog(cfg.Logger, cfg.Now), away: page.NewPacedLog(cfg.Logger, cfg.Now), refusals: newRefusalLog(cfg)}
	if err := s.load(); err != nil {
		return nil, err
	}
	app := fiber.New(page.AppConfig("pagesession console", s.fail))
	s.routes(app)
	return app.Handler(), nil
}

func (s *console) load() (err error) {
	if s.english, err = text.Load(text.English); err != nil {
		return err
	}
	if s.flashes, err = page.NewFlashes(flashCookie.Below(s.BasePath), s.FlashKey); err != nil {
		return err
	}
	s.devices = newDevices(s.BasePath, s.FlashKey)
	if s.tickets, err = newSealedCookie[signInTicket](s.Config, ticketCookie, account.TicketLife); err != nil {
		return err
	}
	if s.challenges, err = newSealedCookie[passkey.Challenge](s.Config, challengeCookie, passkey.Life); err != nil {
		return err
	}
	if s.passkeys, err = newSealedCookie[account.PasskeySetup](s.Config, passkeyCookie, passkey.Life); err != nil {
		return err
	}
	if s.fresh, err = newSealedCookie[freshCodes](s.Config, freshCodesCookie, freshLife); err != nil {
		return err
	}
	folder, err := fs.Sub(views.Console, "console")
	if err != nil {
		return err
	}
	s.templates, err = page.LoadTemplates(folder, s.BasePath, s.StaticURL, s.funcs())
	return err
}
