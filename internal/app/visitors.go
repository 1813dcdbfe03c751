package app

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/monitor"
	"pagesession/internal/page"
	"pagesession/session"
	"pagesession/session/fiberv2"
)

// A visitorStore is where visitors' sessions are: in the file in the data folder, or in
// Redis. Its methods are safe for concurrent use, except counters' result.
type visitorStore interface {
	// policyStore returns the store of the policy, with all that it can.
	policyStore() session.Store
	// lister returns the sessions as the console and a running server's commands see them.
	lister() control.Lister
	// justOpened is lister for a command that has opened the store.
	justOpened() control.Lister
	// counters returns a function that reads the figures for the monitor. Its latencies
	// cover the time since its last call, so only one goroutine may call it.
	counters() func() monitor.Counters
	// health returns the state in words.
	health() health.File
	// eachNetwork calls found with the network of each live session; the zero Addr if it is
	// unknown, as admit counts it. nil: the store cannot say it cheaply.
	eachNetwork() func(found func(netip.Addr))
	// live returns the number of live sessions at the start.
	live() int64
	Close() error
}

// openVisitors opens the visitors' sessions.
func (a *app) openVisitors() (err error) {
	if a.cfg.Sessions.IsFile() {
		a.visitors, err = a.openFile()
	} else {
		a.visitors, err = a.openRedis()
	}
	return err
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
	policy.Logger = a.log
	return fiberv2.New(policy)
}
