package account

import "slices"

// Kind is a kind of object of permissions and audit entries, in Django's spelling.
type Kind string

// The kinds. KindSession is a visitor's session, KindConsole an operator's session in the
// console, KindWall the screen that shows numbers only. There are permissions for all but
// KindBackup; of KindConsole only to view and to delete, of KindWall only to view it.
const (
	KindSession  Kind = "session"
	KindUser     Kind = "user"
	KindGroup    Kind = "group"
	KindLogEntry Kind = "logentry"
	KindConsole  Kind = "console"
	KindBackup   Kind = "backup"
	KindWall     Kind = "wall"
)

// A Permission is a codename as in Django, such as "delete_session".
type Permission string

// The permissions. This package enforces those of users and groups, the console the others.
const (
	ViewSession    Permission = "view_session"
	AddSession     Permission = "add_session"
	ChangeSession  Permission = "change_session"
	DeleteSession  Permission = "delete_session"
	ViewConsole    Permission = "view_console" // the sessions of all operators; Django has no such permission
	DeleteConsole  Permission = "delete_console"
	ViewUser       Permission = "view_user"
	AddUser        Permission = "add_user"
	ChangeUser     Permission = "change_user"
	DeleteUser     Permission = "delete_user"
	ViewGroup      Permission = "view_group"
	AddGroup       Permission = "add_group"
	ChangeGroup    Permission = "change_group"
	DeleteGroup    Permission = "delete_group"
	ViewLogEntry   Permission = "view_logentry"
	AddLogEntry    Permission = "add_logentry"
	ChangeLogEntry Permission = "change_logentry"
	DeleteLogEntry Permission = "delete_logentry"
	ViewWall       Permission = "view_wall"
)

// Superuser stands for what only superusers may do. It is no permission: it cannot be granted, and
// May takes it.
const Superuser Permission = "superuser"

// Permissions returns all permissions in the order of forms: by kind, then view, add,
// change, delete. The slice belongs to the caller.
func Permissions() []Permission {
	return []Permission{
		ViewSession, AddSession, ChangeSession, DeleteSession,
		ViewConsole, DeleteConsole,
		ViewUser, AddUser, ChangeUser, DeleteUser,
		ViewGroup, AddGroup, ChangeGroup, DeleteGroup,
		ViewLogEntry, AddLogEntry, ChangeLogEntry, DeleteLogEntry,
		ViewWall,
	}
}

// Offered returns the permissions that allow something, in the order of Permissions. Forms and
// commands offer no others. Django has the others, and an import brings them along: the server
// alone makes sessions, and only it writes and deletes log entries.
func Offered() []Permission {
	return slices.DeleteFunc(Permissions(), func(p Permission) bool {
		return slices.Contains([]Permission{AddSession, ChangeSession, AddLogEntry, ChangeLogEntry, DeleteLogEntry}, p)
	})
}

// Label returns the label of p in a form, such as "Can delete session". For an unknown
// permission it returns p itself.
func (p Permission) Label() string {
	verb, kind, ok := p.split()
	if !ok {
		return string(p)
	}
	return "Can " + verb + " " + kind.Label()
}

// Label returns the name of the kind for people, such as "log entry" for KindLogEntry.
func (k Kind) Label() string {
	switch k {
	case KindLogEntry:
		return "log entry"
	case KindConsole:
		return "console session"
	case KindWall:
		return "wall screen"
	default:
		return string(k)
	}
}
