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

// tunnel returns a command for the operator's own machine that makes the console local
// to it, at the address of the first operator's link.
func tunnel(c *fiber.Ctx) string {
	host := strings.Trim(hosts.Name(c.Request().Header.Host()), "[]")
	if host == "" || client.IsLoopback(host) {
		host = "SERVER"
	}
	port := "8000" // the default of --addr
	if to, ok := c.Context().LocalAddr().(*net.TCPAddr); ok && to.Port != 0 {
		port = strconv.Itoa(to.Port)
	}
	return "ssh -L " + port + ":127.0.0.1:" + port + " " + host
}
