package app

import (
	"path/filepath"

	"pagesession/internal/health"
)

// files returns the states of the visitors' and the operators' sessions, and of the accounts;
// and what is wrong among the servers that share the sessions.
func (a *app) files() []health.File {
	since, err := a.accounts.Health()
	files := append(a.visitors.health(), a.console.health()...)
	files = append(files, health.Accounts(a.accountsPath(), since, err))
	files = append(files, a.backups.health()...)
	if notices := a.group.Load().Notices(); len(notices) > 0 {
		files = append(files, health.Servers(a.cfg.Sessions.String(), notices))
	}
	return files
}

// accountsPath returns the accounts' file, or "" if they are in PostgreSQL.
func (a *app) accountsPath() string {
	if a.cfg.Accounts != "" {
		return ""
	}
	return filepath.Join(a.cfg.DataDir, accountsFile)
}
