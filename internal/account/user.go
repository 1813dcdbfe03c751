package account

import (
	"strings"
	"time"
)

// A User is an operator at the instant when it was read. It is a value: changing it
// changes nothing, and its slices belong to the reader. It never has the password
// hash. Its JSON is that of the accounts file, as Group's.
type User struct {
	ID          uint64       `json:"-"`                    // never used again after a deletion; 0 is no user
	Username    string       `json:"username"`             // at most 150 letters, digits and @/./+/-/_; unique; "Ada" is not "ada"
	Email       string       `json:"email,omitempty"`      // "" or an address of at most 254 characters
	FirstName   string       `json:"first_name,omitempty"` // at most 150 characters, as LastName
	LastName    string       `json:"last_name,omitempty"`
	Active      bool         `json:"active,omitempty"`      // false: cannot sign in, and has no sessions
	Staff       bool         `json:"staff,omitempty"`       // may sign in to the console
	Superuser   bool         `json:"superuser,omitempty"`   // has all permissions
	LastLogin   time.Time    `json:"last_login,omitzero"`   // UTC; zero: never
	Joined      time.Time    `json:"joined"`                // UTC; when the user was added
	Groups      []uint64     `json:"groups,omitempty"`      // ids, sorted
	Permissions []Permission `json:"permissions,omitempty"` // without those of the groups, in the order of Permissions()

	// Epoch changes when the password is changed or the user is disabled or
	// stops being staff. A console session that carries another one has ended.
	Epoch uint64 `json:"epoch"`
	// Version changes with each change of what an operator edits (not with a
	// sign-in). UpdateUser refuses one that is not the latest.
	Version uint64 `json:"version"`
	// Usable is false if no password opens this account, as for some users
	// imported from Django.
	Usable bool `json:"-"`

	effective permissionSet
	granted   permissionSet // what the user would have if active
}

// Can reports whether the user has p, themselves or by a group: an inactive user has no
// permission, a superuser all.
func (u User) Can(p Permission) bool { return u.effective.has(p) }

// MayTakeOver reports whether u has all permissions that other has, or would have
// if active. Only then may u set other's password, which lets u sign in as other.
func (u User) MayTakeOver(other User) bool {
	return (u.Superuser || !other.Superuser) && u.effective.covers(other.granted)
}

// Effective returns all permissions that the user has, by whatever way.
func (u User) Effective() []Permission { return u.effective.list() }

// FullName returns the names with a space between, or "".
func (u User) FullName() string {
	return strings.TrimSpace(u.FirstName + " " + u.LastName)
}

// A Group is a named set of permissions that its members have. It is a value,
// as User is.
type Group struct {
	ID          uint64       `json:"-"`    // never used again after a deletion; 0 is none
	Name        string       `json:"name"` // at most 150 characters; unique
	Permissions []Permission `json:"permissions,omitempty"`
	Version     uint64       `json:"version"` // as User.Version
	Members     int          `json:"-"`       // how many users are in it; set by reads
}
