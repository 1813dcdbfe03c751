package app

import (
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/account"
	"pagesession/internal/admin"
	"pagesession/internal/monitor"
	"pagesession/internal/session"
	"pagesession/storage"
)

// Operators' sessions are of another kind than visitors': they last as long as
// somebody works, but not longer than a working day.
const (
	consoleIdle     = 15 * time.Minute
	consoleAbsolute = 8 * time.Hour
	maxConsole      = 10_000 // sessions; a user has five at most
)

// openConsole opens what the console needs. Operators' sessions stand in a file
// of their own: whoever ends all visitors' sessions does not log himself out.
func (a *app) openConsole() (err error) {
	if a.accounts, err = account.Open(account.Config{Path: filepath.Join(a.cfg.DataDir, "accounts.db"), Logger: a.log}); err != nil {
		return err
	}
	a.console, err = storage.Open(storage.Config{
		Database:    filepath.Join(a.cfg.DataDir, "console.db"),
		MaxSessions: maxConsole,
		Takeover:    storage.Lifetime{Idle: consoleIdle, Absolute: consoleAbsolute},
		Logger:      a.log,
	})
	if err != nil {
		return err
	}
	a.monitor = monitor.Start(counters(a.store))
	return nil
}

// newConsole puts the console together. Its cookie goes only over encrypted
// connections, and to this machine itself, which browsers take for one.
func (a *app) newConsole(addr net.Addr, key []byte) (fasthttp.RequestHandler, error) {
	policy := session.DefaultConfig()
	policy.Store = sessions{a.console}
	policy.CookieName, policy.CookiePath, policy.SameSite = "adminid", "/admin/", "Strict"
	policy.IdleTimeout, policy.AbsoluteTimeout = consoleIdle, consoleAbsolute
	policy.Secure = func(*fiber.Ctx) bool { return true }
	policy.Logger = a.log
	operators, err := session.New(policy)
	if err != nil {
		return nil, err
	}
	return admin.New(admin.Config{
		Accounts:    a.accounts,
		Sessions:    operators,
		Operators:   sessions{a.console},
		Visitors:    sessions{a.store},
		Monitor:     a.monitor,
		MessagesKey: key,
		FirstRun:    a.firstRun(addr),
		TimeZone:    a.cfg.TimeZone,
		Done:        a.done,
		Logger:      a.log,
	})
}

// firstRun prints the link that makes the first superuser, when there is none.
// Whoever reads what the server prints can use it, for half an hour, once, and
// only in a browser on this machine.
func (a *app) firstRun(addr net.Addr) *admin.FirstRun {
	if a.accounts.HasSuperuser() {
		return nil
	}
	first, secret := admin.NewFirstRun(time.Now())
	a.log.Info("there is no operator yet; open this link on this machine, within 30 minutes, to create one",
		slog.String("url", "http://"+loopback(addr)+"/admin/first-run/?key="+secret))
	return first
}

// loopback is an address of the server on this machine: it may listen on all.
func loopback(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr.String()
}
