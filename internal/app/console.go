package app

import (
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"pagesession/internal/account"
	"pagesession/internal/config"
	"pagesession/internal/console"
	"pagesession/internal/monitor"
	"pagesession/internal/session"
	"pagesession/storage"
	"pagesession/storage/record"
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
	if a.accounts, err = openAccounts(a.cfg, a.log); err != nil {
		return err
	}
	a.console, err = storage.Open(storage.Config{
		Database:    filepath.Join(a.cfg.DataDir, "console.db"),
		MaxSessions: maxConsole,
		Takeover:    record.Lifetime{Idle: consoleIdle, Absolute: consoleAbsolute},
		Logger:      a.log,
	})
	if err != nil {
		return err
	}
	a.monitor = monitor.Start(counters(a.store))
	return nil
}

func openAccounts(cfg config.Config, log *slog.Logger) (*account.Store, error) {
	return account.Open(account.Config{Path: filepath.Join(cfg.DataDir, "accounts.db"), Logger: log})
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
	return console.New(console.Config{
		Accounts:  a.accounts,
		Sessions:  operators,
		Operators: sessions{a.console},
		Visitors:  sessions{a.store},
		Monitor:   a.monitor,
		FlashKey:  key,
		FirstRun:  a.firstRun(addr),
		TimeZone:  a.cfg.TimeZone,
		Done:      a.done,
		Logger:    a.log,
	})
}
