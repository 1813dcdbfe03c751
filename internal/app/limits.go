package app

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
	"pagesession/internal/limit"
	"pagesession/internal/network"
	"pagesession/session"
)

// newCreations returns the limits of what one network may create.
func (a *app) newCreations() *limit.Creations {
	kept := a.cfg.ClientAddress
	each, most := a.visitors.eachNetwork(kept), a.mostOfNetwork()
	if each == nil || kept == network.KeptNothing {
		most = 0 // any number
	}
	return limit.NewCreations(limit.CreationsConfig{
		Rate: a.cfg.ClientCreations, Burst: a.cfg.ClientBurst, Sessions: most,
		Kept: kept.Of, Each: each, Now: time.Now,
	})
}

// mostOfNetwork returns how many live sessions in the file one network may have.
func (a *app) mostOfNetwork() int {
	return cmp.Or(a.cfg.ClientSessions, max(1, a.cfg.MaxSessions/10))
}

// clientInfo is what a session keeps of its creator.
func (a *app) clientInfo(c *fiber.Ctx) session.ClientInfo {
	return session.ClientInfo{Address: a.cfg.ClientAddress.Text(client.IP(c.Context())), Agent: string(c.Context().UserAgent())}
}

// admit returns an error if the client of a request has reached its network's limits.
func (a *app) admit(c *fiber.Ctx) error {
	if a.clients.Exempt(c.Context()) {
		return nil
	}
	return a.creations.Admit(network.Of(client.Address(c.Context())))
}

// streamNetwork returns the network that a stream of a request counts to; the zero Addr if it
// has no limit, or is unknown.
func (a *app) streamNetwork(c *fiber.Ctx) netip.Addr {
	if a.clients.Exempt(c.Context()) {
		return netip.Addr{}
	}
	return network.Of(client.Address(c.Context()))
}
