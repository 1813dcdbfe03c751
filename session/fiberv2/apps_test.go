package fiberv2_test

import (
	"errors"
	"net"
	"testing"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/session"
	"pagesession/session/fiberv2"
	"pagesession/session/internal/apptest"
)

func serveApp(t *testing.T, cfg session.Config) string {
	secure := func(c *fiber.Ctx) bool { return c.Get("X-Forwarded-Proto") == "https" }
	sessions, err := fiberv2.New(fiberv2.Config{Config: cfg, Secure: secure})
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	route := func(method, path string, do func(*fiber.Ctx) (session.View, error)) {
		app.Add(method, path, func(c *fiber.Ctx) error {
			v, err := do(c)
			if errors.Is(err, session.ErrEnded) {
				c.Status(fiber.StatusConflict)
			} else if errors.Is(err, session.ErrNotDurable) {
				c.Status(fiber.StatusAccepted)
			} else if err != nil {
				return err
			}
			return c.SendString(apptest.Text(v))
		})
	}
	change := func(c *fiber.Ctx) fiberv2.Change {
		return func(s *fibersession.Session) error {
			s.Set("name", c.Query("name"))
			return nil
		}
	}
	route("GET", "/", sessions.Refresh)
	route("GET", "/peek", sessions.Peek)
	route("POST", "/start", func(c *fiber.Ctx) (session.View, error) { return sessions.Start(c, change(c)) })
	route("POST", "/save", func(c *fiber.Ctx) (session.View, error) { return sessions.Update(c, change(c)) })
	route("POST", "/rotate", sessions.Rotate)
	route("POST", "/end", func(c *fiber.Ctx) (session.View, error) { return session.View{}, sessions.End(c) })
	sessions.Clock(app, "/session/")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(l) }()
	t.Cleanup(func() { _ = app.Shutdown() })
	return "http://" + l.Addr().String()
}

func TestSessions_OverSockets(t *testing.T) { apptest.Run(t, serveApp) }
