// Package web is the public side of pagesession: its pages, its session endpoints,
// its static files and its probes.
//
// A page has a file of its name: home.go is /, set.go is /set/. A handler reads the
// request, calls Sessions, and renders a typed page. What holds for all requests
// is in middleware.go, and every route is in routes.go.
package web

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"
	"github.com/valyala/fasthttp"

	"pagesession/internal/assets"
	"pagesession/internal/basepath"
	"pagesession/internal/health"
	"pagesession/internal/hosts"
	"pagesession/internal/network"
	"pagesession/internal/page"
	"pagesession/internal/servers"
	"pagesession/internal/text"
	"pagesession/session"
)

// Sessions is what the pages need of the session policy. See fiberv2.Sessions
// for what its methods promise.
type Sessions interface {
	Peek(c *fiber.Ctx) (session.View, error)
	Refresh(c *fiber.Ctx) (session.View, error)
	Start(c *fiber.Ctx, change func(*fibersession.Session) error) (session.View, error)
	Update(c *fiber.Ctx, change func(*fibersession.Session) error) (session.View, error)
	End(c *fiber.Ctx) error
	Token(c *fiber.Ctx) session.Token
	Policy() *session.Policy
}

// Config is what New needs. Sessions has no default; the other zero values do.
type Config struct {
	Sessions Sessions

	// AllowedHosts are the hosts that are served. Default: hosts.Local.
	AllowedHosts hosts.List

	// BasePath is where the addresses on the pages begin. Default: "/".
	BasePath basepath.Path

	// StaticURL is where pages load static files from. Default: this server.
	StaticURL assets.Place

	// IdleTimeout is shown where there is no session. Default: session.DefaultConfig's.
	IdleTimeout time.Duration

	// AbsoluteTimeout bounds the timeouts that visitors may choose. Default: nothing.
	AbsoluteTimeout time.Duration

	// Languages are what the pages are written in. Default: English.
	Languages *Languages

	// TimeZone is the zone of the dates on pages. Default: UTC.
	TimeZone *time.Location

	// FlashKey signs the notices that visitors carry from page to page, in
	// page.FlashKeySize bytes. Default: a random one, so a restart drops
	// notices that wait.
	FlashKey []byte

	// Debug shows notices of level debug, and has error pages list the
	// routes and name the request, under an id that is logged too.
	Debug bool

	// Addresses says what the log has of visitors' addresses. Default: the whole address.
	Addresses network.Kept

	// BodyLimit is the largest request body in bytes, when the app serves
	// by itself; an outer server has its own. Default: DefaultBodyLimit.
	BodyLimit int

	// Console answers /admin and everything below it, behind the same Host
	// check and the same headers as the pages. Default: 404.
	Console fasthttp.RequestHandler

	// Admit returns an error if the client of this request may not create a session
	// now: a *limit.RefusedError is answered 429. Default: each may.
	Admit func(c *fiber.Ctx) error

	// StreamNetwork returns the network that a stream of this request counts to; the zero
	// Addr: to none. Default: to none.
	StreamNetwork func(c *fiber.Ctx) netip.Addr

	// Heartbeat is how often a stream shows that it is alive. Default: 25 s.
	Heartbeat time.Duration

	// Servers returns the servers that share the sessions, for /readyz?verbose. Default: none.
	Servers func() []servers.Server
	// Files returns the state of each session file, for /readyz?verbose. Default: none.
	Files func() []health.File

	// Uses returns how much of each limit is used, for /readyz?verbose from this machine.
	// Default: none.
	Uses func() []health.Use
	// NotReady returns why Ready is false, in words. Default: the server is stopping.
	NotReady func() string

	Ready  func() bool      // whether /readyz is 200; default: always
	Now    func() time.Time // paces the log; default: time.Now
	Logger *slog.Logger     // default: slog.Default()
}

// DefaultBodyLimit holds the largest form, the console's list of 500 selected
// sessions: 20 KB of handles, and at most 5 KB for the address to come back to.
// It is little enough that a flood of bodies cannot fill the memory.
const DefaultBodyLimit = 32 << 10

func (cfg Config) withDefaults() Config {
	cfg.IdleTimeout = cmp.Or(cfg.IdleTimeout, session.DefaultConfig().IdleTimeout)
	cfg.TimeZone = cmp.Or(cfg.TimeZone, time.UTC)
	cfg.Heartbeat = cmp.Or(cfg.Heartbeat, heartbeat)
	cfg.BodyLimit = cmp.Or(cfg.BodyLimit, DefaultBodyLimit)
	cfg.Logger = cmp.Or(cfg.Logger, slog.Default())
	if cfg.AllowedHosts.Empty() {
		cfg.AllowedHosts = hosts.Local()
	}
	if cfg.FlashKey == nil {
		cfg.FlashKey = page.NewFlashKey()
	}
	if cfg.Servers == nil {
		cfg.Servers = func() []servers.Server { return nil }
	}
	if cfg.Files == nil {
		cfg.Files = func() []health.File { return nil }
	}
	if cfg.Uses == nil {
		cfg.Uses = func() []health.Use { return nil }
	}
	if cfg.NotReady == nil {
		cfg.NotReady = func() string { return "the server is stopping" }
	}
	if cfg.Admit == nil {
		cfg.Admit = func(*fiber.Ctx) error { return nil }
	}
	if cfg.StreamNetwork == nil {
		cfg.StreamNetwork = func(*fiber.Ctx) netip.Addr { return netip.Addr{} }
	}
	if cfg.Ready == nil {
		cfg.Ready = func() bool { return true }
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return cfg
}

// site is everything the handlers share. It does not change after New.
type site struct {
	Config
	crossOrigin *http.CrossOriginProtection
	log         *page.PacedLog
	refused     *refusedHosts
	files       assets.Files
	flashes     *page.Flashes
	lastSession page.Cookie
	timeouts    []time.Duration          // that a visitor may choose from
	headers     *fasthttp.ResponseHeader // that every answer begins with
	localized   []*localized             // one for each language, in their order
}

// New returns the public pages as a Fiber app, to be served through Handler. It
// fails when the Sessions are missing or a template is broken.
func New(cfg Config) (*fiber.App, error) {
	if cfg.Sessions == nil {
		return nil, errors.New("web: Config.Sessions is missing")
	}
	cfg = cfg.withDefaults()
	files, err := assets.Load()
	if err != nil {
		return nil, err
	}
	s := &site{
		Config:      cfg,
		crossOrigin: http.NewCrossOriginProtection(),
		log:         page.NewPacedLog(cfg.Logger, cfg.Now),
		refused:     &refusedHosts{logger: cfg.Logger, now: cfg.Now},
		files:       files,
		timeouts:    idleTimeouts(cfg.IdleTimeout, cfg.AbsoluteTimeout),
		headers:     page.NewHeaders(cfg.StaticURL),
		lastSession: lastSession.Below(cfg.BasePath),
	}
	if err := s.load(); err != nil {
		return nil, err
	}
	app := fiber.New(s.fiberConfig())
	s.routes(app)
	return app, nil
}

// load makes what can fail: the flash notices and the pages in each language.
func (s *site) load() (err error) {
	if s.flashes, err = page.NewFlashes(flashCookie.Below(s.BasePath), s.FlashKey); err != nil {
		return err
	}
	if s.Languages == nil {
		if s.Languages, err = LoadLanguages(text.English); err != nil {
			return err
		}
	}
	if s.files, err = withScripts(s.files, s.Languages); err != nil {
		return err
	}
	for _, l := range s.Languages.all {
		p, err := s.localize(l)
		if err != nil {
			return fmt.Errorf("pages in language %q: %w", l.Tag(), err)
		}
		s.localized = append(s.localized, p)
	}
	return nil
}

func (s *site) fiberConfig() fiber.Config {
	cfg := page.AppConfig("pagesession", s.fail)
	cfg.BodyLimit = s.BodyLimit
	cfg.ReadTimeout, cfg.WriteTimeout, cfg.IdleTimeout = 10*time.Second, 10*time.Second, 60*time.Second
	return cfg
}
