package control

import (
	"context"
	"errors"
	"fmt"

	"pagesession/internal/account"
)

// AddUser is the command "users add". It creates an active user. Errors: those of
// account.Store.CreateUser, account.ErrNotFound for a group.
var AddUser = Operation[NewUser, User]{
	path: "/v1/users/add", need: Need{Accounts: true}, permission: account.AddUser,
	do: func(ctx context.Context, on Stores, by account.Actor, n NewUser) (User, error) {
		u := account.User{
			Username: n.Username, Email: n.Email, FirstName: n.FirstName, LastName: n.LastName,
			Active: true, Staff: n.Staff, Superuser: n.Superuser, Permissions: n.Permissions,
		}
		names := map[uint64]string{}
		for _, name := range n.Groups {
			g, err := on.group(ctx, name)
			if err != nil {
				return User{}, err
			}
			u.Groups, names[g.ID] = append(u.Groups, g.ID), g.Name
		}
		u, err := on.Accounts.CreateUser(ctx, by, u, string(n.Password))
		if err != nil {
			return User{}, err
		}
		return userOf(u, names), nil
	},
}

// DeleteUser is the command "users delete". It returns the user who was deleted. Errors:
// account.ErrNotFound, account.ErrLastSuperuser.
var DeleteUser = Operation[Username, User]{
	path: "/v1/users/delete", need: Need{Accounts: true}, permission: account.DeleteUser,
	do: func(ctx context.Context, on Stores, by account.Actor, n Username) (User, error) {
		return on.toUser(ctx, n.Username, func(id uint64) (account.User, error) {
			u, err := on.Accounts.User(ctx, id)
			if err != nil {
				return u, err
			}
			return u, on.Accounts.DeleteUsers(ctx, by, id)
		})
	},
}

// group returns the group of this name.
func (on Stores) group(ctx context.Context, name string) (account.Group, error) {
	g, err := on.Accounts.GroupByName(ctx, name)
	if errors.Is(err, account.ErrNotFound) {
		err = fmt.Errorf(`group %q %w; "pagesession groups list" shows all`, name, err)
	}
	return g, err
}

// A NewUser is the request of AddUser.
type NewUser struct {
	Username    string               `json:"username"`
	Email       string               `json:"email"`
	FirstName   string               `json:"first_name"`
	LastName    string               `json:"last_name"`
	Staff       bool                 `json:"is_staff"`
	Superuser   bool                 `json:"is_superuser"`
	Groups      []string             `json:"groups"` // their names
	Permissions []account.Permission `json:"permissions"`
	Password    Secret               `json:"password"`
}
