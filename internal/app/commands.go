package app

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"pagesession/internal/account"
	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/storage"
)

// Operate returns the commands' way to the data of a folder, through a running
// server or without one.
func Operate(cfg config.Config, log *slog.Logger) *control.Client {
	return &control.Client{
		Dir: cfg.DataDir, Actor: control.SystemUser(),
		Files: func(need control.Need) (control.Stores, func() error, error) { return openFiles(cfg, need, log) },
	}
}

// openControl lets commands in. Without a socket the server serves all the same, and
// commands need it stopped.
func (a *app) openControl() {
	c, err := control.Start(a.cfg.DataDir, control.Stores{Accounts: a.accounts, Visitors: a.store}, a.log)
	if err != nil {
		a.log.Warn("commands cannot reach this server while it runs", slog.Any("because", err))
		return
	}
	a.control = c
}

// openFiles opens what a command needs, in the server's order: no deadlock.
func openFiles(cfg config.Config, need control.Need, log *slog.Logger) (control.Stores, func() error, error) {
	a := &app{cfg: cfg, log: log}
	if err := a.openFor(need); err != nil {
		return control.Stores{}, nil, errors.Join(inUse(err), a.closeFiles())
	}
	stores := control.Stores{Accounts: a.accounts}
	if a.store != nil {
		stores.Visitors = justOpened{a.store}
	}
	return stores, a.closeFiles, nil
}

func (a *app) openFor(need control.Need) error {
	err := a.enter(need)
	if err == nil && need.Sessions {
		err = a.openVisitors()
	}
	if err == nil && need.Accounts {
		err = a.openAccounts()
	}
	return err
}

// enter checks that the data folder belongs to the user who calls. Only commands
// that create something make one: a name may be mistyped.
func (a *app) enter(need control.Need) error {
	dir := a.cfg.DataDir
	_, err := os.Stat(dir)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case missing && !need.Create:
		return fmt.Errorf("data folder %q does not exist; name it with --data-dir", dir)
	case !need.Create && !holdsData(dir):
		return fmt.Errorf("folder %q holds neither sessions nor accounts; name the data folder with --data-dir", dir)
	}
	if !missing { // before anything is written
		if err := checkOwner(dir); err != nil {
			return err
		}
	}
	return dataDir(dir, a.log)
}

// holdsData reports whether a server or a command has ever worked in a folder. A
// folder that cannot be read counts as one.
func holdsData(dir string) bool {
	for _, name := range []string{accountsFile, visitorsFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}

// checkOwner refuses a folder whose server runs as another user, who could not open
// the files that a command writes.
func checkOwner(dir string) error {
	found := false
	for _, name := range []string{accountsFile, visitorsFile, "."} {
		path := filepath.Join(dir, name)
		uid, err := ownerOf(path)
		switch {
		case errors.Is(err, fs.ErrNotExist), name == "." && found:
			continue
		case err != nil:
			return err
		case uid != os.Geteuid():
			return fmt.Errorf("%q belongs to user %d, whose server could not open what you, user %d, would write; "+
				"start the server first, or run this as that user", path, uid, os.Geteuid())
		}
		found = true
	}
	return nil
}

// inUse marks the errors that say so.
func inUse(err error) error {
	if errors.Is(err, storage.ErrInUse) || errors.Is(err, account.ErrInUse) {
		return usedError{err}
	}
	return err
}

type usedError struct{ error }

func (e usedError) Unwrap() error        { return e.error }
func (e usedError) Is(target error) bool { return target == control.ErrInUse }

// justOpened is a storage that was opened a moment ago: what a sweep would have
// cleared, opening has.
type justOpened struct{ *storage.Storage }

func (f justOpened) Sweep() int { return f.Stats().Dropped + f.Storage.Sweep() }
