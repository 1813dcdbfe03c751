package peer

import (
	"context"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/bench/load"
	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/storage/redis"
)

// A packagesApp has the sessions of the public packages in place of Fiber's middleware.
type packagesApp struct {
	*fiberApp
	sessions *fiberv2.Sessions
}

// packagesPeer keeps sessions in the Redis at an address, or in the Cluster at several,
// which commas separate.
func packagesPeer(p Page, addrs string) (listener, error) {
	base, err := newFiberApp(p)
	if err != nil {
		return nil, err
	}
	list := strings.Split(addrs, ",")
	store, err := redis.Open(context.Background(), redis.Config{Addresses: list, Cluster: len(list) > 1})
	if err != nil {
		return nil, err
	}
	cfg := fiberv2.DefaultConfig()
	cfg.Store, cfg.CookieName, cfg.IdleTimeout = store, load.CookieName, load.IdleTimeout
	if len(list) > 1 {
		cfg.IdleTimeout = LongLife().Idle // no session times out during a failover
	}
	sessions, err := fiberv2.New(cfg)
	if err != nil {
		return nil, err
	}
	app := &packagesApp{fiberApp: base, sessions: sessions}
	app.Get("/set/", app.set)
	app.Get("/get/", app.get)
	app.Post("/del/", app.end)
	sessions.Clock(app.App, "/session/")
	return app, nil
}

// set starts a session with the name of the query.
func (a *packagesApp) set(c *fiber.Ctx) error {
	name := strings.Clone(c.Query("name", load.VisitorName))
	_, err := a.sessions.Start(c, func(s *fibersession.Session) error {
		s.Set("name", name)
		return nil
	})
	if err != nil {
		return unavailable(err)
	}
	return a.render(c, setPage, name)
}

func (a *packagesApp) get(c *fiber.Ctx) error {
	view, err := a.sessions.Refresh(c)
	switch {
	case err != nil:
		return unavailable(err)
	case !view.Live():
		c.Type("html", "utf-8")
		return c.SendString("Your session has Expired...")
	}
	return a.render(c, getPage, view.Values.String("name"))
}

func (a *packagesApp) end(c *fiber.Ctx) error { return unavailable(a.sessions.End(c)) }

// unavailable makes 503 of the error that says that Redis is away.
func unavailable(err error) error {
	if errors.Is(err, session.ErrUnavailable) {
		return fiber.ErrServiceUnavailable
	}
	return err
}
