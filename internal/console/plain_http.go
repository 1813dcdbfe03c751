package console

import (
	"net"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
	"pagesession/internal/hosts"
)

// Secure reports whether the console's session cookie gets the attribute Secure:
// everywhere but over plain http on this machine, where some browsers drop such cookies.
// At any other plain http address all of them do, so no session travels in clear.
func Secure(c *fiber.Ctx) bool {
	return client.HTTPS(c.Context()) || !client.Local(c.Context())
}

// dropsCookies reports whether browsers drop the session cookie at the address that this
// request was for. A proxy that is not trusted may use https towards the browser: then
// the browser says where its request comes from, or names a page with https.
func dropsCookies(c *fiber.Ctx) bool {
	return Secure(c) && !client.HTTPS(c.Context()) && !client.IsLoopback(string(c.Request().Header.Host())) &&
		c.Get("Sec-Fetch-Site") == "" &&
		!strings.HasPrefix(c.Get(fiber.HeaderOrigin), "https:") && !strings.HasPrefix(c.Get(fiber.HeaderReferer), "https:")
}

// A tunnel makes the console local to an operator's own machine.
type tunnel struct {
	Command string // to run there
	Address string // host:port of the server, while it runs
}

// tunnelTo returns the tunnel to the server of a request; nil for a server on a Unix
// socket, where no browser is local. It keeps the server's port, so the first operator's
// link works through it as it is.
func tunnelTo(c *fiber.Ctx) *tunnel {
	to, ok := c.Context().LocalAddr().(*net.TCPAddr)
	if !ok {
		return nil
	}
	host := strings.Trim(hosts.Name(c.Request().Header.Host()), "[]")
	if host == "" || client.IsLoopback(host) {
		host = "SERVER"
	}
	port := "8000" // the default of --addr
	if to.Port != 0 {
		port = strconv.Itoa(to.Port)
	}
	local := "127.0.0.1:" + port
	return &tunnel{Command: "ssh -L " + port + ":" + local + " " + host, Address: local}
}
