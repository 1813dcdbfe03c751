package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/check"
	"pagesession/internal/control"
)

// facts returns what collects the facts for a command. If a server runs, it leaves out the
// accounts.
func (a *app) facts(served bool) func(context.Context) (check.Facts, error) {
	if served {
		return func(context.Context) (check.Facts, error) { return factsOf(&a.cfg), nil }
	}
	return a.factsStopped
}

// factsStopped are the facts without a running server. It opens accounts that exist, as other
// commands do. Error: control.ErrInUse, while a server starts or stops.
func (a *app) factsStopped(ctx context.Context) (check.Facts, error) {
	f := factsOf(&a.cfg)
	if f.Files.Broken != "" {
		f.Accounts.Unread = "the data folder cannot be used"
		return f, nil
	}
	if a.cfg.Accounts == "" && isMissing(filepath.Join(a.cfg.DataDir, accountsFile)) {
		f.Accounts.Known = isMissing(filepath.Join(a.cfg.DataDir, account.OldFileName))
		return f, nil
	}
	err := inUse(a.openFor(control.Need{Accounts: true, Create: a.cfg.Accounts != ""}))
	if err == nil {
		f.Accounts = accountsFacts(ctx, a.accounts)
	}
	switch err := errors.Join(err, a.closeFiles()); {
	case errors.Is(err, control.ErrInUse):
		return f, err
	case err != nil:
		f.Accounts = check.Accounts{Unread: err.Error()}
	}
	return f, nil
}

func isMissing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// accountsFacts reads what checks look at of the accounts.
func accountsFacts(ctx context.Context, from *account.Store) check.Accounts {
	f := check.Accounts{Known: true}
	_, err := from.Health()
	if err == nil {
		f.Superuser, err = from.HasSuperuser(ctx)
	}
	if err == nil {
		f.PasswordOnly, err = from.SuperusersWithoutFactor(ctx)
	}
	if err != nil {
		return check.Accounts{Broken: err.Error()}
	}
	return f
}

// factsServing are the facts of the running server, which began then.
func (a *app) factsServing(ctx context.Context, began time.Time) check.Facts {
	f := factsOf(&a.cfg)
	f.Accounts = accountsFacts(ctx, a.accounts)
	f.Clock.Jumped = jump(began, time.Now())
	f.Serving = &check.Serving{Untrusted: a.clients.Untrusted(), BackupFailed: a.backups.failed()}
	return f
}

// jump returns by how much the wall clock went further than the monotonic one between two
// readings: it was set, or the machine slept.
func jump(began, now time.Time) time.Duration {
	return now.Round(0).Sub(began.Round(0)) - now.Sub(began)
}
