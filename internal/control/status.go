package control

import (
	"context"

	"pagesession/internal/account"
	"pagesession/internal/health"
)

// ShowStatus is the command "status": how a running server's session files and accounts
// are. Error: ErrNotRunning.
var ShowStatus = Operation[All, Status]{
	path: "/v1/status", permission: account.ViewSession,
	do: func(_ context.Context, on Stores, _ account.Actor, _ All) (Status, error) {
		if on.Files == nil {
			return Status{}, ErrNotRunning
		}
		return Status{on.Files()}, nil
	},
}

// A Status is the state of a server's session files and accounts.
type Status struct {
	Files []health.File `json:"files"`
}
