package app

import (
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
	"pagesession/internal/limit"
	"pagesession/internal/network"
)

// newCreations returns the limits of what one network may create.
func (a *app) newCreations() *limit.Creations {
	each, most := a.visitors.eachNetwork(), a.cfg.ClientSessions
	switch {
	case each == nil:
		most = 0 // any number
	case most == 0:
		most = max(1, a.cfg.MaxSessions/10)
	}
	return limit.NewCreations(limit.CreationsConfig{
		Rate: a.cfg.ClientCreations, Burst: a.cfg.ClientBurst, Sessions: most,
		Each: each, Now: time.Now,
	})
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
