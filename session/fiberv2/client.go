package fiberv2

import (
	"net"
	"net/netip"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"pagesession/session"
)

// clientOf is what the connection and the browser say. The agent is not copied:
// the policy copies what it keeps.
func clientOf(c *fiber.Ctx) session.ClientInfo {
	return session.ClientInfo{
		Address: addressOf(c.Context().RemoteAddr()),
		Agent:   utils.UnsafeString(c.Request().Header.UserAgent()),
	}
}

// addressOf is the IP address of a connection; "" where there is none.
func addressOf(from net.Addr) string {
	tcp, ok := from.(*net.TCPAddr)
	if !ok {
		return ""
	}
	ip, _ := netip.AddrFromSlice(tcp.IP)
	if ip = ip.Unmap(); !ip.IsValid() || ip.IsUnspecified() {
		return ""
	}
	return ip.String()
}
