package account

import "time"

// A User is an operator as he was when he was read. It is a value: changing it
// changes nothing, and its slices belong to the reader. The password hash is
// never in it.
type User struct {
	ID          uint64 // never used again after a deletion; 0 is nobody
	Username    string // at most 150 letters, digits and @/./+/-/_; unique; "Ada" is not "ada"
	Email       string // "" or an address of at most 254 characters
	FirstName   string // at most 150 characters, as LastName
	LastName    string
	Active      bool         // false: cannot log in, and his sessions are over
	Staff       bool         // may log in to the console
	Superuser   bool         // has all permissions
	LastLogin   time.Time    // UTC; zero if he never logged in
	Joined      time.Time    // UTC; when he was added
	Groups      []uint64     // ids of his groups, sorted
	Permissions []Permission // his own, without those of his groups, in the order of Permissions()

	// Epoch changes when the password is changed or the user is disabled or
	// stops being staff. A console session that carries another one is over.
	Epoch uint64
	// Version changes with each change of what an operator edits (not with a
	// login). UpdateUser refuses one that is not the latest.
	Version uint64
	// Usable is false if no password opens this account, as for some users
	// imported from Django.
	Usable bool

	effective permissionSet
	granted   permissionSet // what he would have if he were active
}

// Can tells whether the user has p: a user who is not active has none, a
// superuser has all, everybody else his own and his groups', as they were when
// he was read.
func (u User) Can(p Permission) bool { return u.effective.has(p) }

// MayTakeOver tells whether u has all that other has, or would have if he were
// active: only then may he give him a password, with which he could be him.
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
