// Package web is the public side of pagesession: its pages, its two session
// endpoints, its static files and its probes.
//
// Every URL has its file: home.go is /, set.go is /set/, session_show.go is
// GET /session/. A handler reads the request, calls Sessions, builds a typed
// page and renders it. What holds for all of them (Host, headers, other sites,
// panics) is in front.go, and every route is in routes.go.
package web

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"
	"github.com/valyala/fasthttp"

	"pagesession/internal/assets"
	"pagesession/internal/hosts"
	"pagesession/internal/messages"
	"pagesession/internal/session"
	"pagesession/internal/text"
)

// Sessions is what the pages need of the session policy. All methods read the
// visitor's cookie from c, and set Cache-Control: no-store and Vary: Cookie.
// They are safe for concurrent use with different contexts.
type Sessions interface {
	// Peek looks; it neither slides the session nor sets a cookie.
	Peek(c *fiber.Ctx) session.View
	// Refresh slides a live session and sends its cookie again. It deletes
	// the cookie of one that is not live.
	Refresh(c *fiber.Ctx) session.View
	// Start lets change write into the visitor's live session, or into a
	// new one, and returns it as it is after that. Errors:
	// session.ErrEnded, session.ErrFull, session.ErrUnavailable.
	Start(c *fiber.Ctx, change func(*fibersession.Session) error) (session.View, error)
	// Update lets change write into the visitor's live session and returns
	// it as it is after that; else what there is instead. Errors as Start:
	// session.ErrEnded when there is no live session.
	Update(c *fiber.Ctx, change func(*fibersession.Session) error) (session.View, error)
	// End ends the visitor's session and deletes the cookie that came, if
	// one came. No session is no error. Errors: session.ErrUnavailable.
	End(c *fiber.Ctx) error
}

// Config is what New needs. Sessions has no default; the other zero values do.
type Config struct {
	Sessions Sessions

	// AllowedHosts are the hosts that are served. Default: hosts.Local.
	AllowedHosts hosts.List

	// IdleTimeout is what the pages say a session lives when they have no
	// session to ask. Default: session.DefaultConfig's.
	IdleTimeout time.Duration

	// AbsoluteTimeout bounds the idle timeouts that visitors may choose.
	// Default: nothing does.
	AbsoluteTimeout time.Duration

	// Language is what the pages are written in: one of text.Tags, or
	// text.Auto. Default: en.
	Language string

	// TimeZone is what dates are shown in. Default: UTC.
	TimeZone *time.Location

	// MessagesKey signs the notices that visitors carry from page to page,
	// in messages.KeySize bytes. Default: a random one, with which notices
	// do not outlive a restart.
	MessagesKey []byte

	// Debug shows notices of level debug, and has error pages list the
	// routes and name the request, under an id that is logged too.
	Debug bool

	// BodyLimit is the largest request body in bytes, when the app serves
	// by itself; an outer server has its own. Default: DefaultBodyLimit.
	BodyLimit int

	// Console answers /admin and everything below it, behind the same Host
	// check and the same headers as the pages. Default: 404.
	Console fasthttp.RequestHandler

	Ready  func() bool      // whether /readyz is 200; default: always
	Now    func() time.Time // paces the log, dates notices; default: time.Now
	Logger *slog.Logger     // default: slog.Default()

	texts func(tag string) (*text.Language, error) // text.Load; a test has its own
}

// DefaultBodyLimit holds the largest form, the console's list of 500 selected
// sessions: 20 KB of handles, and at most 5 KB for the address to come back to.
// It is little enough that a flood of bodies cannot fill the memory.
const DefaultBodyLimit = 32 << 10

func (cfg Config) withDefaults() Config {
	if cfg.AllowedHosts.Empty() {
		cfg.AllowedHosts = hosts.Local()
	}
	if cfg.IdleTimeout == 0 {
		cfg.IdleTimeout = session.DefaultConfig().IdleTimeout
	}
	if cfg.Language == "" {
		cfg.Language = text.English
	}
	if cfg.MessagesKey == nil {
		cfg.MessagesKey = messages.NewKey()
	}
	if cfg.TimeZone == nil {
		cfg.TimeZone = time.UTC
	}
	if cfg.BodyLimit == 0 {
		cfg.BodyLimit = DefaultBodyLimit
	}
	if cfg.Ready == nil {
		cfg.Ready = func() bool { return true }
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.texts == nil {
		cfg.texts = text.Load
	}
	return cfg
}

// site is everything the handlers share. It does not change after New.
type site struct {
	sessions Sessions
	hosts    hosts.List
	origins  *http.CrossOriginProtection
	console  fasthttp.RequestHandler // nil: none
	ready    func() bool
	log      *pacedLog
	sealer   *messages.Sealer
	debug    bool
	choices  []time.Duration          // of an idle timeout
	headers  *fasthttp.ResponseHeader // that every answer begins with

	speech   speech
	editions editions // one for each language of speech, in its order
}

// New returns the public pages as a Fiber app that is ready to serve, through
// Handler. It fails when the Sessions are missing, the language is not one that
// there is, or a template is broken, and touches nothing outside the process.
func New(cfg Config) (*fiber.App, error) {
	if cfg.Sessions == nil {
		return nil, errors.New("web: Config.Sessions is missing")
	}
	cfg = cfg.withDefaults()
	speech, err := loadSpeech(cfg.Language, cfg.texts)
	if err != nil {
		return nil, err
	}
	files, err := assets.Load()
	if err != nil {
		return nil, err
	}
	sealer, err := messages.NewSealer(cfg.MessagesKey, cfg.Now)
	if err != nil {
		return nil, err
	}
	s := &site{
		sessions: cfg.Sessions,
		hosts:    cfg.AllowedHosts,
		origins:  http.NewCrossOriginProtection(),
		console:  cfg.Console,
		ready:    cfg.Ready,
		log:      &pacedLog{logger: cfg.Logger, now: cfg.Now},
		sealer:   sealer,
		debug:    cfg.Debug,
		choices:  idleChoices(cfg.IdleTimeout, cfg.AbsoluteTimeout),
		speech:   speech,
		headers:  newHeaders(),
	}
	for _, l := range speech.languages {
		e, err := newEdition(l, files, cfg.IdleTimeout, cfg.TimeZone)
		if err != nil {
			return nil, err
		}
		e.getStencil = s.stencilOf(e.newGetStencil(s.choices))
		e.setStencil = s.stencilOf(e.newSetStencil())
		s.editions = append(s.editions, e)
	}
	app := fiber.New(s.fiberConfig(cfg.BodyLimit))
	s.routes(app, files)
	return app, s.renderOnce(app)
}

// stencilOf passes a stencil on; without one the page is only slower.
func (s *site) stencilOf(made *stencil, err error) *stencil {
	if err != nil {
		s.log.logger.Warn("a page is rendered anew for each request", slog.Any("because", err))
		return nil
	}
	return made
}

// renderOnce has Fiber make the list of its apps, which it does in the first
// Render, without a lock.
func (s *site) renderOnce(app *fiber.App) error {
	c := app.AcquireCtx(&fasthttp.RequestCtx{})
	defer app.ReleaseCtx(c)
	return s.editions[0].render(c, "none", &plainPage{})
}

// fiberConfig spells out what Fiber leaves lax by default: its routing ignores
// case and slashes, it believes any X-Forwarded header, and its error handler
// shows the error's text.
func (s *site) fiberConfig(bodyLimit int) fiber.Config {
	return fiber.Config{
		AppName:                 "pagesession",
		Views:                   s.editions,
		ErrorHandler:            s.fail,
		BodyLimit:               bodyLimit,
		StrictRouting:           true,
		CaseSensitive:           true,
		EnableTrustedProxyCheck: true,
		DisableStartupMessage:   true,

		// A torn multipart form is answered by its handler.
		DisablePreParseMultipartForm: true,

		ReadTimeout:  10 * time.Second,
		WriteTimeout: 10 * time.Second,
		IdleTimeout:  60 * time.Second,
	}
}
