package app

import (
	"log/slog"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/console"
	"pagesession/internal/control"
	"pagesession/internal/monitor"
	"pagesession/internal/page"
	"pagesession/session/fiberv2"
)

// An operator's session ends after 15 minutes without a visit, and after a working day.
const (
	consoleIdle     = 15 * time.Minute
	consoleAbsolute = 8 * time.Hour
	maxConsole      = 10_000 // sessions; a user has at most five
)

// openConsole opens the accounts and the operators' sessions. These are apart from visitors'
// sessions, so ending all of those leaves operators signed in.
func (a *app) openConsole() (err error) {
	if a.console, err = a.openOperators(); err != nil {
		return err
	}
	if err := a.openAccounts(a.accountsWait()); err != nil {
		return err
	}
	if _, err := a.accounts.Health(); err != nil {
		a.log.Error("the accounts database cannot be used; visitors are served, the console waits for it", slog.Any("error", err))
	}
	a.day = openDay(a.cfg.DataDir, time.Now(), a.log)
	a.monitor = monitor.Start(a.visitors.counters(), a.othersRate, a.day.Day)
	return nil
}

// newConsole builds the console. Its cookie is Lax, so a link from another site opens its
// pages. All changes are POSTs, and the console checks where a form comes from. The cookie of wall
// screens is Strict.
func (a *app) newConsole(addr net.Addr, key []byte) (fasthttp.RequestHandler, error) {
	operators, err := a.operatorPolicy("adminid", "/admin/", "Lax", consoleIdle, consoleAbsolute)
	if err != nil {
		return nil, err
	}
	walls, err := a.operatorPolicy("adminwall", "/admin/wall/", "Strict", console.WallLife, console.WallLife)
	if err != nil {
		return nil, err
	}
	a.warnOfKey()
	return console.New(console.Config{
		Accounts:  a.accounts,
		Sessions:  operators,
		Walls:     walls,
		Operators: a.console.lister(),
		Visitors:  a.visitors.lister(),
		Monitor:   a.monitor,
		Day:       a.day,
		Backups:   a.backups,
		Endings:   a.endings,
		LastEnded: a.lastEnded,
		Files:     a.files,
		Servers:   a.servers,
		Memory:    a.memoryUses,
		Settings:  a.cfg.Shown,
		Checks:    a.checks(),
		Untrusted: a.clients.Untrusted,
		FlashKey:  key,
		FirstRun:  a.firstRun(addr),
		BasePath:  a.cfg.BasePath,
		StaticURL: a.cfg.StaticURL,
		Addresses: a.cfg.ClientAddress,
		TimeZone:  a.cfg.TimeZone,
		Done:      a.done,
		Logger:    a.log,
	})
}

// operatorPolicy returns a policy of operators' sessions, with a cookie of its own.
func (a *app) operatorPolicy(cookie, path, sameSite string, idle, absolute time.Duration) (*fiberv2.Sessions, error) {
	policy := fiberv2.DefaultConfig()
	policy.Store = a.console.policyStore()
	policy.CookieName, policy.CookiePath, policy.SameSite = cookie, a.cfg.BasePath.URL(path), sameSite
	policy.SecureCookieName = page.SecureName(policy.CookieName, policy.CookiePath)
	policy.SubjectValue = console.SubjectValue
	policy.IdleTimeout, policy.AbsoluteTimeout = idle, absolute
	policy.Secure = console.Secure
	policy.Client = a.clientInfo
	policy.Logger = a.log
	return fiberv2.New(policy)
}

// openEndings begins to end sessions in the background when an operator asks for it. Servers
// that share the accounts are told apart by their names.
func (a *app) openEndings(addr net.Addr) {
	name := ""
	if a.cfg.Accounts != "" {
		name = serverName(&a.cfg, addr)
	}
	a.endings = control.NewEndings(control.Stores{Accounts: a.accounts, Visitors: a.visitors.lister(), LastEnded: a.lastEnded}, name, a.log)
}
