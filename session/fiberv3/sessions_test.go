package fiberv3_test

import (
	"errors"
	"net"
	"testing"

	"github.com/gofiber/fiber/v3"

	"pagesession/session"
	"pagesession/session/fiberv3"
	"pagesession/session/internal/apptest"
)

func serveApp(t *testing.T, cfg session.Config) string {
	secure := func(c fiber.Ctx) bool { return c.Get("X-Forwarded-Proto") == "https" }
	sessions, err := fiberv3.New(fiberv3.Config{Config: cfg, Secure: secure})
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New()
	route := func(method, path string, do func(fiber.Ctx) (session.View, error)) {
		app.Add([]string{method}, path, func(c fiber.Ctx) error {
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
	change := func(c fiber.Ctx) session.Change {
		return func(d *session.Draft) error {
			d.Set("name", c.Query("name"))
			return nil
		}
	}
	route("GET", "/", sessions.Refresh)
	route("GET", "/peek", sessions.Peek)
	route("POST", "/start", func(c fiber.Ctx) (session.View, error) { return sessions.Start(c, change(c)) })
	route("POST", "/save", func(c fiber.Ctx) (session.View, error) { return sessions.Update(c, change(c)) })
	route("POST", "/rotate", sessions.Rotate)
	route("POST", "/end", func(c fiber.Ctx) (session.View, error) { return session.View{}, sessions.End(c) })
	sessions.Clock(app, "/session/")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) }()
	t.Cleanup(func() { _ = app.Shutdown() })
	return "http://" + l.Addr().String()
}

func TestSessions(t *testing.T) { apptest.Run(t, serveApp) }
