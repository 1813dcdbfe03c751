package control

import (
	"context"

	"pagesession/internal/account"
)

// UnlockUser is the command "users unlock", and a button in the console: the failed
// sign-ins of the user no longer count. Errors: account.ErrNotFound.
var UnlockUser = Operation[Username, Unlocked]{
	path: "/v1/users/unlock", need: Need{Accounts: true, SecretKey: true, Counts: true}, permission: account.ChangeUser,
	do: func(ctx context.Context, on Stores, by account.Actor, n Username) (done Unlocked, err error) {
		done.Server = on.Files != nil || on.Counts
		done.User, err = on.toUser(ctx, n.Username, func(id uint64) (u account.User, err error) {
			u, done.Failures, err = on.Accounts.Unlock(ctx, by, id)
			return u, err
		})
		return done, err
	},
}

// Unlocked is the result of UnlockUser.
type Unlocked struct {
	User     User `json:"user"`
	Failures int  `json:"failures"` // that counted
	Server   bool `json:"server"`   // a server did it, or they are in Redis; else no failures count, since a server has them in memory
}
