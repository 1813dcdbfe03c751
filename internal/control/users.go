package control

import (
	"fmt"
	"os"
	"time"

	"pagesession/internal/account"
)

// A NewSuperuser is a superuser who is to be.
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

// A DjangoFile is a SQLite file with Django's users.
type DjangoFile struct {
	Path string
}

// check says what is wrong with the file in the same words for both ways. It asks
// what it is before it opens it: a pipe would be waited for.
func (f DjangoFile) check() error {
	if info, err := os.Stat(f.Path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%q is not a file", f.Path)
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	return file.Close()
}

// A UserList is the answer to a UserQuery.
type UserList struct {
	Users []User `json:"users"`
}

// A User is an operator, with Django's names for what is known of him.
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
func userOf(u account.User, names func(group uint64) string) User {
	out := User{
		ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
		Active: u.Active, Staff: u.Staff, Superuser: u.Superuser,
		Joined: u.Joined, Groups: []string{},
	}
	if !u.LastLogin.IsZero() {
		out.LastLogin = &u.LastLogin
	}
	for _, id := range u.Groups {
		out.Groups = append(out.Groups, names(id))
	}
	return out
}
