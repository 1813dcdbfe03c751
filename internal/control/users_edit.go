package control

import (
	"context"
	"slices"

	"pagesession/internal/account"
)

// ChangeUser is the command "users change". A user who leaves the staff is signed out
// everywhere. Errors: those of account.Store.UpdateUser, account.ErrNotFound for a group.
var ChangeUser = Operation[UserChange, ChangedUser]{
	path: "/v1/users/change", need: Need{Accounts: true}, permission: account.ChangeUser,
	do: func(ctx context.Context, on Stores, by account.Actor, n UserChange) (done ChangedUser, err error) {
		join, leave, err := on.groupIDs(ctx, n.AddGroups, n.RemoveGroups)
		if err != nil {
			return ChangedUser{}, err
		}
		done.User, err = on.toUser(ctx, n.Username, func(id uint64) (account.User, error) {
			u, err := on.Accounts.User(ctx, id)
			if err != nil {
				return u, err
			}
			version := u.Version
			n.apply(&u)
			u.Groups, u.Permissions = altered(u.Groups, join, leave), altered(u.Permissions, n.Grant, n.Revoke)
			u, err = on.Accounts.UpdateUser(ctx, by, u)
			done.Permissions, done.Same = append([]account.Permission{}, u.Permissions...), u.Version == version
			return u, err
		})
		return done, err
	},
}

// groupIDs returns the ids of groups that a user joins and leaves.
func (on Stores) groupIDs(ctx context.Context, join, leave []string) (joins, leaves []uint64, err error) {
	for _, name := range slices.Concat(join, leave) {
		g, err := on.group(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		joins = append(joins, g.ID)
	}
	return joins[:len(join)], joins[len(join):], nil
}

// altered returns a list with some values more and others less. What is in both lists goes.
func altered[T comparable](list, more, less []T) []T {
	all := slices.Concat(list, more)
	return slices.DeleteFunc(all, func(value T) bool { return slices.Contains(less, value) })
}

// A UserChange is the request of ChangeUser. What is nil stays.
type UserChange struct {
	Username    string  `json:"username"`
	NewUsername *string `json:"new_username"`
	Email       *string `json:"email"`
	FirstName   *string `json:"first_name"`
	LastName    *string `json:"last_name"`
	Staff       *bool   `json:"is_staff"`
	Superuser   *bool   `json:"is_superuser"`

	AddGroups    []string             `json:"add_groups"` // their names
	RemoveGroups []string             `json:"remove_groups"`
	Grant        []account.Permission `json:"grant"`
	Revoke       []account.Permission `json:"revoke"`
}

func (n UserChange) apply(u *account.User) {
	set(&u.Username, n.NewUsername)
	set(&u.Email, n.Email)
	set(&u.FirstName, n.FirstName)
	set(&u.LastName, n.LastName)
	set(&u.Staff, n.Staff)
	set(&u.Superuser, n.Superuser)
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// A ChangedUser is the result of ChangeUser.
type ChangedUser struct {
	User
	Permissions []account.Permission `json:"permissions"` // without those of the groups
	Same        bool                 `json:"same"`        // the user was like this before
}
