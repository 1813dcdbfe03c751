package app

import (
	"path/filepath"

	"pagesession/internal/health"
)

// files returns the states of the visitors' and the operators' sessions, and of the accounts.
func (a *app) files() []health.File {
	since, err := a.accounts.Health()
	return []health.File{
		a.visitors.health(),
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
