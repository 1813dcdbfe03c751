package app

import (
	"cmp"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
	"pagesession/internal/page"
	"pagesession/session/fiberv2"
)

// newVisitors returns the visitors' sessions.
func (a *app) newVisitors() (*fiberv2.Sessions, error) {
	policy := fiberv2.DefaultConfig()
	policy.Store = a.store.Sessions()
	policy.CookiePath = a.cfg.BasePath.String()
	policy.CookieName = cmp.Or(a.cfg.CookieName, policy.CookieName)
	policy.SecureCookieName = page.SecureName(policy.CookieName, policy.CookiePath)
	policy.PlainNameUntil = a.plainNameUntil(time.Now())
	policy.IdleTimeout, policy.AbsoluteTimeout = a.cfg.IdleTimeout, a.cfg.AbsoluteTimeout
	policy.Secure = func(c *fiber.Ctx) bool { return client.HTTPS(c.Context()) }
	policy.Logger = a.log
	return fiberv2.New(policy)
}
