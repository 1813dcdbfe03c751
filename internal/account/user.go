package account

import (
	"slices"
	"strings"
	"time"
)

// A User is a copy of an operator's data at the instant of reading. Its slices belong to
// the caller. It does not have the password hash. Its JSON is that of an accounts.db,
// as Group's is.
type User struct {
	ID          uint64       `json:"-"`                    // not used again after a deletion; never 0
	Username    string       `json:"username"`             // at most 150 letters with their marks, digits and @/./+/-/_; unique in NFKC; "Ada" is not "ada"
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

	// Epoch changes when the password changes, when a second factor is removed or replaced,
	// when another operator ends the user's sessions, and when the user is disabled or leaves
	// the staff. This ends the console sessions that have another epoch.
	Epoch uint64 `json:"epoch"`
	// Version changes with each change by an operator, but not with a sign-in.
	// UpdateUser refuses an old one.
	Version uint64 `json:"version"`
	// Usable is false if the account has no password, as some users that were
	// imported from Django.
	Usable bool `json:"-"`
	// Factors are the second factors that the user has.
	Factors Factors `json:"-"`

	effective permissionSet
	granted   permissionSet // as if the user were active
}

// Can reports whether the user has p, directly or by a group. A disabled user has no
// permission, a superuser has all.
func (u User) Can(p Permission) bool { return u.effective.has(p) }

// MayTakeOver reports whether u has all permissions that other has, or would have if
// active. Only then may u set other's password, because u could then sign in as other.
func (u User) MayTakeOver(other User) bool {
	return (u.Superuser || !other.Superuser) && u.effective.covers(other.granted)
}

// Effective returns all permissions of the user: their own, their groups', and a
// superuser's.
func (u User) Effective() []Permission { return u.effective.list() }

// FullName returns the first and the last name, or "".
func (u User) FullName() string {
	return strings.TrimSpace(u.FirstName + " " + u.LastName)
}

// lent returns a copy whose slices belong to the caller.
func (u User) lent() User {
	u.Groups, u.Permissions = slices.Clone(u.Groups), slices.Clone(u.Permissions)
	return u
}

// A Group is a named set of permissions for its members. It is a copy, as User is.
type Group struct {
	ID          uint64       `json:"-"`    // not used again after a deletion; never 0
	Name        string       `json:"name"` // at most 150 characters; unique
	Permissions []Permission `json:"permissions,omitempty"`
	Version     uint64       `json:"version"` // as User.Version
	Members     int          `json:"-"`       // number of users; set by reads
}
