package app

import (
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
	"pagesession/internal/limit"
	"pagesession/internal/network"
	"pagesession/session"
	"pagesession/storage/record"
)

// newCreations returns the limits of what one network may create.
func (a *app) newCreations() *limit.Creations {
	most := a.cfg.ClientSessions
	if most == 0 {
		most = max(1, a.cfg.MaxSessions/10)
	}
	return limit.NewCreations(limit.CreationsConfig{
		Rate: a.cfg.ClientCreations, Burst: a.cfg.ClientBurst, Sessions: most,
		Each: a.eachNetwork, Now: time.Now,
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

// eachNetwork calls found with the network of each visitor's live session; the zero Addr if
// it is unknown, as admit counts it. A search that finds nothing reads all values.
func (a *app) eachNetwork(found func(netip.Addr)) {
	a.store.List(record.Query{Limit: 1, Match: func(value []byte) bool {
		addr, _ := netip.ParseAddr(session.ClientInfoOf(value).Address) // zero if it is unknown
		found(network.Of(addr))
		return false
	}})
}
