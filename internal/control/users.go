package control

import (
	"fmt"
	"time"

	"pagesession/internal/account"
)

// CreateSuperuser is the command "createsuperuser". It adds an active superuser
// on the staff. Errors: those of account.Store.CreateUser.
var CreateSuperuser = Operation[NewSuperuser, User]{
	path: "/v1/users/create-superuser", need: Need{Accounts: true, Create: true}, permission: account.AddUser,
	do: func(on Stores, by account.Actor, n NewSuperuser) (User, error) {
		u := account.User{Username: n.Username, Email: n.Email, Active: true, Staff: true, Superuser: true}
		return on.shown(on.Accounts.CreateUser(by, u, string(n.Password)))
	},
}

// SetPassword is the command "changepassword". It signs the user out everywhere.
// Errors: account.ErrNotFound, account.ValidationErrors.
var SetPassword = Operation[NewPassword, User]{
	path: "/v1/users/set-password", need: Need{Accounts: true}, permission: account.ChangeUser,
	do: func(on Stores, by account.Actor, n NewPassword) (User, error) {
		return on.toUser(n.Username, func(id uint64) (account.User, error) {
			return on.Accounts.SetPassword(by, id, string(n.Password))
		})
	},
}

// ShowUser returns one user. Errors: account.ErrNotFound.
var ShowUser = Operation[Username, User]{
	path: "/v1/users/show", need: Need{Accounts: true}, permission: account.ViewUser,
	do: func(on Stores, _ account.Actor, n Username) (User, error) {
		return on.toUser(n.Username, on.Accounts.User)
	},
}

// ListUsers is the command "users list": users by username.
var ListUsers = Operation[UserQuery, UserList]{
	path: "/v1/users/list", need: Need{Accounts: true}, permission: account.ViewUser,
	do: func(on Stores, _ account.Actor, q UserQuery) (UserList, error) {
		names := on.groupNames()
		list := UserList{Users: []User{}}
		for _, u := range on.Accounts.Users(account.UserQuery{Search: q.Search}).Users {
			list.Users = append(list.Users, userOf(u, names))
		}
		return list, nil
	},
}

// SetActive is the commands "users disable", which signs the user out everywhere,
// and "users enable".
// Errors: account.ErrNotFound, account.ErrLastSuperuser.
var SetActive = Operation[Activation, User]{
	path: "/v1/users/set-active", need: Need{Accounts: true}, permission: account.ChangeUser,
	do: func(on Stores, by account.Actor, a Activation) (User, error) {
		return on.toUser(a.Username, func(id uint64) (account.User, error) {
			return on.Accounts.SetActive(by, id, a.Active)
		})
	},
}

// toUser does something to the user of this name, and returns what is printed.
func (on Stores) toUser(username string, do func(id uint64) (account.User, error)) (User, error) {
	u, err := on.Accounts.UserByName(username)
	if err != nil {
		return User{}, fmt.Errorf("user %q: %w", username, err)
	}
	return on.shown(do(u.ID))
}

// shown is what is printed of a user.
func (on Stores) shown(u account.User, err error) (User, error) {
	if err != nil {
		return User{}, err
	}
	return userOf(u, on.groupNames()), nil
}

// groupNames returns the groups' names by their ids.
func (on Stores) groupNames() map[uint64]string {
	names := make(map[uint64]string)
	for _, g := range on.Accounts.Groups(account.GroupQuery{}).Groups {
		names[g.ID] = g.Name
	}
	return names
}

// A NewSuperuser is a superuser to be created.
type NewSuperuser struct {
	Username string `json:"username"`
	Email    string `json:"email"`
	Password Secret `json:"password"`
}

// A NewPassword is what SetPassword asks for.
type NewPassword struct {
	Username string `json:"username"`
	Password Secret `json:"password"`
}

// A Username names a user.
type Username struct {
	Username string `json:"username"`
}

// A UserQuery asks for the users of whom each word is a part; "" is all.
type UserQuery struct {
	Search string `json:"search"`
}

// An Activation enables or disables a user.
type Activation struct {
	Username string `json:"username"`
	Active   bool   `json:"is_active"`
}

// A UserList is the answer to a UserQuery.
type UserList struct {
	Users []User `json:"users"`
}

// A User is an operator, with Django's names for what is known of them.
type User struct {
	ID        uint64     `json:"id"`
	Username  string     `json:"username"`
	Email     string     `json:"email"`
	FirstName string     `json:"first_name"`
	LastName  string     `json:"last_name"`
	Active    bool       `json:"is_active"`
	Staff     bool       `json:"is_staff"`
	Superuser bool       `json:"is_superuser"`
	LastLogin *time.Time `json:"last_login"` // nil: never
	Joined    time.Time  `json:"date_joined"`
	Groups    []string   `json:"groups"`
}

// userOf fits u to what is printed; names has the groups' names.
func userOf(u account.User, names map[uint64]string) User {
	out := User{
		ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
		Active: u.Active, Staff: u.Staff, Superuser: u.Superuser,
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
