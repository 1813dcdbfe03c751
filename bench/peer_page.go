package main

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/template/html/v2"
	"github.com/valyala/fasthttp"
)

// What a session of the peers holds and how long it lives: the original's.
const (
	idleTimeout = 20 * time.Second
	visitorName = "Sonam"
)

// peerPage is what the page shows: the fields of the product's page, of the
// same types. Text all of it: html/template escapes a number far slower, and a
// peer that is slow by our doing proves nothing.
type peerPage struct {
	Name  string
	Age   string
	Clock *peerClock

	Notices        []struct{ Level, Role, Text string }
	TimeoutOptions []peerChoice
}

type peerChoice struct{ Seconds, Current, Words string }

type peerClock struct {
	RemainingMS, IdleMS string
	AbsoluteMS          string
	Seconds             string
	Left, Unit          string
	Arc                 string
	Ends, EndsISO       string
	Zone                string
	After               string
}

// newPeerPage fills the page as a refresh at that instant does: the whole
// idle time is left.
func newPeerPage(name string, now time.Time) *peerPage {
	ends := now.Add(idleTimeout).UTC()
	ms := strconv.FormatInt(idleTimeout.Milliseconds(), 10)
	seconds := strconv.FormatInt(int64(idleTimeout/time.Second), 10)
	return &peerPage{
		Name: name,
		Age:  seconds + " seconds",
		Clock: &peerClock{
			RemainingMS: ms,
			IdleMS:      ms,
			AbsoluteMS:  strconv.FormatInt(absoluteMS(now), 10),
			Seconds:     seconds,
			Left:        seconds + " seconds",
			Unit:        "seconds left",
			Arc:         "100",
			Ends:        ends.Format("Jan. 2, 2006, 3:04:05 PM"),
			EndsISO:     ends.Format(time.RFC3339),
			Zone:        "UTC",
			After:       "21",
		},
		TimeoutOptions: []peerChoice{{seconds, "true", seconds + " seconds"}, {"60", "false", "60 seconds"}, {"200", "false", "200 seconds"}},
	}
}

// absoluteMS is a value that differs from answer to answer, as it does in ours:
// a client may be quicker with a page that it has seen before.
func absoluteMS(now time.Time) int64 { return 43_200_000 - now.UnixMicro()%1_000_000 }

// newPeerApp returns the Fiber app that all peers share: the product's kind
// of settings, the same engine, nothing mounted that a route does not need.
// What differs between two peers is then only their sessions.
func newPeerApp() *fiber.App {
	pages, err := peerTemplates()
	if err != nil {
		panic(err) // templates and texts are embedded: they fit or never did
	}
	engine := html.New("", ".html")
	engine.Templates, engine.Loaded = pages, true
	app := fiber.New(fiber.Config{
		Views:                 engine,
		StrictRouting:         true,
		CaseSensitive:         true,
		DisableStartupMessage: true,
		ReadTimeout:           10 * time.Second,
		WriteTimeout:          10 * time.Second,
		IdleTimeout:           60 * time.Second,
		WriteBufferSize:       8 << 10, // the page in one system call, as in ours
	})
	renderFirst(app)
	return app
}

// renderFirst renders before anybody can ask: the first Render of an app
// builds a list without a lock, so first requests that come together race.
func renderFirst(app *fiber.App) {
	c := app.AcquireCtx(&fasthttp.RequestCtx{})
	defer app.ReleaseCtx(c)
	if err := renderPeerPage(c, getTemplate, visitorName); err != nil {
		panic(err) // as above
	}
}

// renderPeerPage answers with a page. It passes no layout: the engine
// takes its exclusive lock while one renders.
func renderPeerPage(c *fiber.Ctx, page, name string) error {
	return c.Render(page, newPeerPage(name, time.Now()))
}

// pagePeer answers /get/ with the page and knows no sessions: the most that
// a server rendering this page can do.
func pagePeer() *fiber.App {
	app := newPeerApp()
	app.Get("/get/", func(c *fiber.Ctx) error {
		return renderPeerPage(c, getTemplate, visitorName)
	})
	return app
}
