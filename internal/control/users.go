package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pagesession/internal/account"
)

// CreateSuperuser is the command "createsuperuser". It creates an active superuser on
// the staff. Errors: those of account.Store.CreateUser.
var CreateSuperuser = Operation[NewSuperuser, User]{
	path: "/v1/users/create-superuser", need: Need{Accounts: true, Create: true}, permission: account.AddUser,
	do: func(ctx context.Context, on Stores, by account.Actor, n NewSuperuser) (User, error) {
		u := account.User{Username: n.Username, Email: n.Email, Active: true, Staff: true, Superuser: true}
		u, err := on.Accounts.CreateUser(ctx, by, u, string(n.Password))
		if err != nil {
			return User{}, err
		}
		return userOf(u, nil), nil // without groups
	},
}

// SetPassword is the command "changepassword". It signs the user out everywhere.
// Errors: account.ErrNotFound, account.ValidationErrors.
var SetPassword = Operation[NewPassword, User]{
	path: "/v1/users/set-password", need: Need{Accounts: true}, permission: account.ChangeUser,
	do: func(ctx context.Context, on Stores, by account.Actor, n NewPassword) (User, error) {
		return on.toUser(ctx, n.Username, func(id uint64) (account.User, error) {
			return on.Accounts.SetPassword(ctx, by, id, string(n.Password))
		})
	},
}

// ShowUser returns one user. Errors: account.ErrNotFound.
var ShowUser = Operation[Username, User]{
	path: "/v1/users/show", need: Need{Accounts: true}, permission: account.ViewUser,
	do: func(ctx context.Context, on Stores, _ account.Actor, n Username) (User, error) {
		return on.toUser(ctx, n.Username, func(id uint64) (account.User, error) {
			return on.Accounts.User(ctx, id)
		})
	},
}

// ListUsers is the command "users list". It returns users in the order of their names.
var ListUsers = Operation[UserQuery, UserList]{
	path: "/v1/users/list", need: Need{Accounts: true}, permission: account.ViewUser,
	do: func(ctx context.Context, on Stores, _ account.Actor, q UserQuery) (UserList, error) {
		names, err := on.groupNames(ctx)
		if err != nil {
			return UserList{}, err
		}
		page, err := on.Accounts.Users(ctx, account.UserQuery{Search: q.Search})
		if err != nil {
			return UserList{}, err
		}
		list := UserList{Users: []User{}}
		for _, u := range page.Users {
			list.Users = append(list.Users, userOf(u, names))
		}
		return list, nil
	},
}

// SetActive is the commands "users disable", which signs the user out everywhere, and
// "users enable". Errors: account.ErrNotFound, account.ErrLastSuperuser.
var SetActive = Operation[Activation, User]{
	path: "/v1/users/set-active", need: Need{Accounts: true}, permission: account.ChangeUser,
	do: func(ctx context.Context, on Stores, by account.Actor, a Activation) (User, error) {
		return on.toUser(ctx, a.Username, func(id uint64) (account.User, error) {
			return on.Accounts.SetActive(ctx, by, id, a.Active)
		})
	},
}

// toUser calls do for the user of this name and returns the user that do returns. It
// reads all that it needs first, because an error after a change would hide the change.
func (on Stores) toUser(ctx context.Context, username string, do func(id uint64) (account.User, error)) (User, error) {
	u, err := on.Accounts.UserByName(ctx, username)
	if errors.Is(err, account.ErrNotFound) {
		err = fmt.Errorf(`user %q %w; "pagesession users list" shows all`, username, err)
	}
	if err != nil {
		return User{}, err
	}
	names, err := on.groupNames(ctx)
	if err != nil {
		return User{}, err
	}
	if u, err = do(u.ID); err != nil {
		return User{}, err
	}
	return userOf(u, names), nil
}

// groupNames returns the names of all groups by id.
func (on Stores) groupNames(ctx context.Context) (map[uint64]string, error) {
	page, err := on.Accounts.Groups(ctx, account.GroupQuery{})
	if err != nil {
		return nil, err
	}
	names := make(map[uint64]string, len(page.Groups))
	for _, g := range page.Groups {
		names[g.ID] = g.Name
	}
	return names, nil
}

// A NewSuperuser is the request of CreateSuperuser.
type NewSuperuser struct {
	Username string `json:"username"`
	Email    string `json:"email"`
	Password Secret `json:"password"`
}

// A NewPassword is the request of SetPassword.
type NewPassword struct {
	Username string `json:"username"`
	Password Secret `json:"password"`
}

// A Username is the request of ShowUser.
type Username struct {
	Username string `json:"username"`
}

// A UserQuery asks for the users whose names or e-mail address contain each word of
// Search; "" means all users.
type UserQuery struct {
	Search string `json:"search"`
}

// An Activation is the request of SetActive.
type Activation struct {
	Username string `json:"username"`
	Active   bool   `json:"is_active"`
}

// A UserList is the result of ListUsers.
type UserList struct {
	Users []User `json:"users"`
}

// A User is an operator; the names of the fields in JSON are Django's.
type User struct {
	ID           uint64     `json:"id"`
	Username     string     `json:"username"`
	Email        string     `json:"email"`
	FirstName    string     `json:"first_name"`
	LastName     string     `json:"last_name"`
	Active       bool       `json:"is_active"`
	Staff        bool       `json:"is_staff"`
	Superuser    bool       `json:"is_superuser"`
	SecondFactor bool       `json:"second_factor"` // has at least one
	LastLogin    *time.Time `json:"last_login"`    // nil: never
	Joined       time.Time  `json:"date_joined"`
	Groups       []string   `json:"groups"`
}

// userOf converts u for printing. names has the names of the groups by id.
func userOf(u account.User, names map[uint64]string) User {
	out := User{
		ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
		Active: u.Active, Staff: u.Staff, Superuser: u.Superuser, SecondFactor: u.Factors.Any(),
		Joined: u.Joined, Groups: []string{},
	}
	if !u.LastLogin.IsZero() {
		out.LastLogin = &u.LastLogin
	}
	for _, id := range u.Groups {
		out.Groups = append(out.Groups, names[id])
	}
	return out
}
