package control

import (
	"context"

	"pagesession/internal/account"
	"pagesession/internal/health"
	"pagesession/internal/servers"
)

// ShowStatus is the command "status": how a running server's session files and accounts
// are. Error: ErrNotRunning.
var ShowStatus = Operation[All, Status]{
	path: "/v1/status", permission: account.ViewSession,
	do: func(_ context.Context, on Stores, _ account.Actor, _ All) (Status, error) {
		if on.Files == nil {
			return Status{}, ErrNotRunning
		}
		st := Status{Files: on.Files()}
		if on.Servers != nil {
			st.Servers = on.Servers()
		}
		return st, nil
	},
}

// A Status is the state of a server's session files and accounts.
type Status struct {
	Files []health.File `json:"files"`
	// Servers are those that share the visitors' sessions, with the one that answers; none
	// with sessions in a file.
	Servers []servers.Server `json:"servers,omitempty"`
}
