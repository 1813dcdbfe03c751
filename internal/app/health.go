package app

import (
	"path/filepath"

	"pagesession/internal/health"
)

// files returns the state of each session file and of the accounts.
func (a *app) files() []health.File {
	since, err := a.accounts.Health()
	return []health.File{
		health.Of(a.store.FileStatus(), health.Visitors),
		health.Of(a.console.FileStatus(), health.Operators),
		health.Accounts(a.accountsPath(), since, err),
	}
}

// accountsPath returns the accounts' file, or "" if they are in PostgreSQL.
func (a *app) accountsPath() string {
	if a.cfg.Accounts != "" {
		return ""
	}
	return filepath.Join(a.cfg.DataDir, accountsFile)
}
