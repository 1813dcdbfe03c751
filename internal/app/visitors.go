package app

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/metrics"
	"pagesession/internal/monitor"
	"pagesession/internal/move"
	"pagesession/internal/network"
	"pagesession/internal/page"
	"pagesession/session/fiberv2"
	"pagesession/storage/record"
)

// A visitorStore is where visitors' sessions are: in the file in the data folder, or in
// Redis. Its methods are safe for concurrent use, except counters' result.
type visitorStore interface {
	// side returns the store as one that sessions can move from and to; closing it closes the
	// visitorStore.
	side() move.Side
	// place names it: a URL without a password, or health.FilePlace.
	place() string
	// lister returns the sessions as the console and a running server's commands see them.
	lister() control.Lister
	// justOpened is lister for a command that has opened the store.
	justOpened() control.Lister
	// counters returns a function that reads the figures for the monitor. Its latencies
	// cover the time since its last call, so only one goroutine may call it.
	counters() func() monitor.Counters
	// read fills what a scrape of the metrics reads of the store, but on Redis the number of
	// live sessions.
	read(*metrics.Reading)
	// health returns the state in words.
	health() health.File
	// eachNetwork calls found with what is kept of the network of each live session; the zero
	// Addr if it is unknown, as admit counts it. nil: the store cannot say it cheaply.
	eachNetwork(network.Kept) func(found func(netip.Addr))
	// live returns the number of live sessions at the start.
	live() int64
}

// openVisitors opens the visitors' sessions, and goes on with a move that was interrupted.
func (a *app) openVisitors() error {
	if a.cfg.Sessions.IsFile() {
		file, err := a.openFile(false)
		if err != nil {
			return withMoveCure(err)
		}
		a.visitors = newMovable(file, a.log)
		return nil
	}
	mark, err := a.markOfFile()
	if err != nil {
		return err
	}
	switch mark.Way {
	case record.MovingTo, record.MovingFrom:
		return a.resume(mark)
	default:
		server, err := a.openRedis(false)
		if err != nil {
			return withMoveCure(err)
		}
		a.visitors = newMovable(server, a.log)
		return nil
	}
}

// newVisitors returns the visitors' sessions.
func (a *app) newVisitors() (*fiberv2.Sessions, error) {
	policy := fiberv2.DefaultConfig()
	policy.Store = a.visitors.policyStore()
	policy.CookiePath = a.cfg.BasePath.String()
	policy.CookieName = cmp.Or(a.cfg.CookieName, policy.CookieName)
	policy.SecureCookieName = page.SecureName(policy.CookieName, policy.CookiePath)
	policy.PlainNameUntil = a.plainNameUntil(time.Now())
	policy.IdleTimeout, policy.AbsoluteTimeout = a.cfg.IdleTimeout, a.cfg.AbsoluteTimeout
	policy.Secure = func(c *fiber.Ctx) bool { return client.HTTPS(c.Context()) }
	policy.Client = a.clientInfo
	policy.Logger = a.log
	return fiberv2.New(policy)
}
