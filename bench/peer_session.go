package main

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/session"
	"github.com/gofiber/storage/bbolt/v2"
)

// memoryPeer is Fiber's session middleware on the memory store that it
// brings along: the fastest sessions that a Fiber app has without us.
func memoryPeer() *fiber.App {
	return sessionPeer(nil)
}

// stockPeer is Fiber's session middleware on the stock bbolt driver, wired
// as the driver's README wires it. The file fiber.db is made in the working
// directory. Under load it dies with SIGSEGV: the driver hands out memory
// that bbolt lends only inside a transaction.
func stockPeer() *fiber.App {
	return sessionPeer(bbolt.New())
}

// sessionPeer serves /set/ and /get/ by the middleware's own documentation:
// get, look, save. Saving an unchanged session is what slides it; there is
// no cheaper way in the middleware. A nil storage is the memory store.
func sessionPeer(storage fiber.Storage) *fiber.App {
	store := session.New(session.Config{
		Storage:        storage,
		Expiration:     idleTimeout,
		KeyLookup:      "cookie:" + cookieName,
		CookiePath:     "/",
		CookieHTTPOnly: true,
		CookieSameSite: "Lax",
	})
	app := newPeerApp()
	app.Get("/set/", func(c *fiber.Ctx) error { return peerSet(c, store) })
	app.Get("/get/", func(c *fiber.Ctx) error { return peerGet(c, store) })
	return app
}

// peerSet starts a session, or writes the data of a live one again.
func peerSet(c *fiber.Ctx, store *session.Store) error {
	s, err := store.Get(c)
	if err != nil {
		return err
	}
	s.Set("name", visitorName)
	if err := s.Save(); err != nil {
		return err
	}
	return renderPeerPage(c, setTemplate, visitorName)
}

// peerGet refreshes a live session and shows the page, or says that there is
// none. The name is read first: after Save the session is somebody else's.
func peerGet(c *fiber.Ctx, store *session.Store) error {
	s, err := store.Get(c)
	if err != nil {
		return err
	}
	name, _ := s.Get("name").(string)
	if name == "" {
		c.Type("html", "utf-8")
		return c.SendString("Your session has Expired...")
	}
	if err := s.Save(); err != nil {
		return err
	}
	return renderPeerPage(c, getTemplate, name)
}
