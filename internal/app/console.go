package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/valyala/fasthttp"

	"pagesession/internal/console"
	"pagesession/internal/control"
	"pagesession/internal/monitor"
	"pagesession/internal/page"
	"pagesession/session/fiberv2"
	"pagesession/storage"
	"pagesession/storage/record"
)

// An operator's session ends after 15 minutes without a visit, and after a working day.
const (
	consoleIdle     = 15 * time.Minute
	consoleAbsolute = 8 * time.Hour
	maxConsole      = 10_000 // sessions; a user has at most five
)

// openConsole opens the files of the console. Operators' sessions have their own file, so
// ending all visitors' sessions leaves operators signed in.
func (a *app) openConsole() (err error) {
	if err := a.openAccounts(answerTime); err != nil {
		return err
	}
	if _, err := a.accounts.Health(); err != nil {
		a.log.Error("the accounts database cannot be used; visitors are served, the console waits for it", slog.Any("error", err))
	}
	if a.console, err = a.openSessions(consoleFile, maxConsole, consoleIdle, consoleAbsolute); err != nil {
		return err
	}
	if err := a.endOlderSessions(); err != nil {
		return err
	}
	a.monitor = monitor.Start(a.visitors.counters())
	return nil
}

// endOlderSessions ends operators' sessions of an older version, which have no subject
// and so would be missing in the list of a user's sessions. Those operators sign in
// again.
func (a *app) endOlderSessions() error {
	var older []record.Key
	query := record.Query{Limit: record.MaxLimit}
	for page := a.console.List(query); len(page.Rows) > 0; page = a.console.List(query) {
		for _, row := range page.Rows {
			if row.Subject == "" {
				older = append(older, row.Key)
			}
		}
		query.Offset += len(page.Rows)
	}
	_, err := a.console.EndMany(context.Background(), older, record.Revoked)
	if errors.Is(err, storage.ErrNotDurable) {
		return nil // they have ended; after a crash the next start ends them again
	}
	return err
}

// newConsole builds the console. Its cookie is Lax, so a link from another site opens its
// pages. All changes are POSTs, and the console checks where a form comes from.
func (a *app) newConsole(addr net.Addr, key []byte) (fasthttp.RequestHandler, error) {
	policy := fiberv2.DefaultConfig()
	policy.Store = a.console.Sessions()
	policy.CookieName, policy.CookiePath, policy.SameSite = "adminid", a.cfg.BasePath.URL("/admin/"), "Lax"
	policy.SecureCookieName = page.SecureName(policy.CookieName, policy.CookiePath)
	policy.SubjectValue = console.SubjectValue
	policy.IdleTimeout, policy.AbsoluteTimeout = consoleIdle, consoleAbsolute
	policy.Secure = console.Secure
	policy.Logger = a.log
	operators, err := fiberv2.New(policy)
	if err != nil {
		return nil, err
	}
	a.warnOfKey()
	return console.New(console.Config{
		Accounts:  a.accounts,
		Sessions:  operators,
		Operators: control.FileSessions{Storage: a.console},
		Visitors:  a.visitors.lister(),
		Monitor:   a.monitor,
		Files:     a.files,
		Untrusted: a.clients.Untrusted,
		FlashKey:  key,
		FirstRun:  a.firstRun(addr),
		BasePath:  a.cfg.BasePath,
		TimeZone:  a.cfg.TimeZone,
		Done:      a.done,
		Logger:    a.log,
	})
}
