package account

import "time"

// A User is an operator at the instant when it was read. It is a value: changing it
// changes nothing, and its slices belong to the reader. The password hash is
// never in it.
type User struct {
	ID          uint64 // never used again after a deletion; 0 is no user
	Username    string // at most 150 letters, digits and @/./+/-/_; unique; "Ada" is not "ada"
	Email       string // "" or an address of at most 254 characters
	FirstName   string // at most 150 characters, as LastName
	LastName    string
	Active      bool         // false: cannot sign in, and has no sessions
	Staff       bool         // may sign in to the console
	Superuser   bool         // has all permissions
	LastLogin   time.Time    // UTC; zero: never
	Joined      time.Time    // UTC; when the user was added
	Groups      []uint64     // ids, sorted
	Permissions []Permission // without those of the groups, in the order of Permissions()

	// Epoch changes when the password is changed or the user is disabled or
	// stops being staff. A console session that carries another one has ended.
	Epoch uint64
	// Version changes with each change of what an operator edits (not with a
	// sign-in). UpdateUser refuses one that is not the latest.
	Version uint64
	// Usable is false if no password opens this account, as for some users
	// imported from Django.
	Usable bool

	effective permissionSet
	granted   permissionSet // what the user would have if active
}

// Can tells whether the user has p: an inactive user has none, a
// superuser all, others their own and those of their groups, at the instant when
// the user was read.
func (u User) Can(p Permission) bool { return u.effective.has(p) }

// MayTakeOver tells whether u has all permissions that other has, or would have
// if active. Only then may u set other's password, which lets u sign in as other.
func (u User) MayTakeOver(other User) bool {
	return (u.Superuser || !other.Superuser) && u.effective.covers(other.granted)
}

// Effective returns all permissions that the user has, by whatever way.
func (u User) Effective() []Permission { return u.effective.list() }

// FullName returns the names with a space between, or "".
func (u User) FullName() string {
	if u.FirstName == "" || u.LastName == "" {
		return u.FirstName + u.LastName
	}
	return u.FirstName + " " + u.LastName
}

// A Group is a named set of permissions that its members have. It is a value,
// as User is.
type Group struct {
	ID          uint64 // never used again after a deletion; 0 is none
	Name        string // at most 150 characters; unique
	Permissions []Permission
	Version     uint64 // as User.Version
	Members     int    // how many users are in it; set by reads
}
