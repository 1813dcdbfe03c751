package app

import (
	"context"
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

// Operate returns a client that runs commands on cfg.DataDir, with and without a running
// server.
func Operate(cfg config.Config, log *slog.Logger) *control.Client {
	return &control.Client{
		Dir: cfg.DataDir, Actor: control.SystemUser(),
		Files: func(ctx context.Context, need control.Need) (control.Stores, func() error, error) {
			return openFiles(ctx, cfg, need, log)
		},
	}
}

// openFiles opens the files that a command needs. It keeps the server's order, so two
// processes cannot wait for each other.
func openFiles(ctx context.Context, cfg config.Config, need control.Need, log *slog.Logger) (control.Stores, func() error, error) {
	a := &app{starting: ctx, cfg: cfg, log: log, isCommand: true}
	if need.Facts {
		return control.Stores{Facts: a.facts(need.Served)}, func() error { return nil }, nil
	}
	if err := a.openFor(need); err != nil {
		return control.Stores{}, nil, errors.Join(inUse(err), a.closeFiles())
	}
	var stores control.Stores
	if a.accounts != nil {
		stores.Accounts = a.accounts
	}
	if a.console != nil {
		stores.Counts, stores.Operators = a.console.counts() != nil, a.console.lister()
	}
	if a.visitors != nil {
		stores.Visitors = a.visitors.justOpened()
	}
	if need.Move {
		stores.Move = a.moveStopped
	}
	stores.Backups = &backups{app: a}
	return stores, a.closeFiles, nil
}

func (a *app) openFor(need control.Need) error {
	err := a.enter(need)
	if err == nil && (need.Sessions || need.Restore && a.cfg.Sessions.IsFile()) { // its lock keeps servers out
		err = a.openVisitors()
	}
	if err == nil && need.SecretKey {
		a.key, err = knownSecret(&a.cfg)
	}
	counts := need.Counts && !a.cfg.Sessions.IsFile() && a.key != nil // without a key no server has counted yet
	if err == nil && (need.Operators || counts) {
		a.console, err = a.openOperators()
	}
	if err == nil && need.Accounts {
		err = a.openAccounts(0) // a command waits
	}
	return err
}

// knownSecret returns the key of the server, or nil if no server has made one yet.
func knownSecret(cfg *config.Config) ([]byte, error) {
	key, err := readSecret(secretPath(cfg))
	if errors.Is(err, fs.ErrNotExist) && cfg.SecretKey == "" {
		return nil, nil
	}
	return key, err
}

// enter checks that the data folder exists and belongs to the calling user. Only a
// command that creates something creates a missing folder, because the name may be a
// typing mistake.
func (a *app) enter(need control.Need) error {
	dir := a.cfg.DataDir
	if need.Restore && a.cfg.Accounts != "" {
		return errAccountsElsewhere
	}
	if err := waitsForStart(dir); err != nil && !need.Restore {
		return err
	}
	info, err := os.Stat(dir)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case err == nil && !info.IsDir():
		return fmt.Errorf("%q is not a folder; name the data folder with --data-dir", dir)
	case missing && !need.Create:
		return fmt.Errorf("data folder %q does not exist; name it with --data-dir", dir)
	case !need.Create && !holdsData(dir):
		return fmt.Errorf("folder %q has no sessions and no accounts; name the data folder with --data-dir", dir)
	}
	if !missing { // before dataDir writes to it
		if err := checkOwner(dir); err != nil {
			return err
		}
	}
	return dataDir(dir, a.log)
}

// holdsData reports whether a folder has a database. It is also true if that cannot be
// checked, because opening the file then gives the better error.
func holdsData(dir string) bool {
	for _, name := range []string{accountsFile, account.OldFileName, visitorsFile, consoleFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}

// checkOwner refuses a folder of another user, because the server of that user could not
// open the files that the command writes.
func checkOwner(dir string) error {
	found := false
	for _, name := range []string{accountsFile, account.OldFileName, visitorsFile, "."} {
		path := filepath.Join(dir, name)
		uid, err := ownerOf(path)
		switch {
		case errors.Is(err, fs.ErrNotExist), name == "." && found:
			continue
		case err != nil:
			return err
		case uid != os.Geteuid():
			return fmt.Errorf("%q belongs to user %d, and the command runs as user %d; start the server first, or run the command as user %d",
				path, uid, os.Geteuid(), uid)
		}
		found = true
	}
	return nil
}

// inUse marks the errors of files in use as control.ErrInUse.
func inUse(err error) error {
	if errors.Is(err, storage.ErrInUse) || errors.Is(err, account.ErrInUse) {
		return usedError{err}
	}
	return err
}

type usedError struct{ error }

func (e usedError) Unwrap() error        { return e.error }
func (e usedError) Is(target error) bool { return target == control.ErrInUse }
