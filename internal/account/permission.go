package account

// Kind is a kind of object that permissions and audit entries are about, in
// Django's spelling.
type Kind string

// The kinds. KindSession is a visitor's session, KindConsole an operator's own
// in the console; permissions exist for the four of Kinds.
const (
	KindSession  Kind = "session"
	KindUser     Kind = "user"
	KindGroup    Kind = "group"
	KindLogEntry Kind = "logentry"
	KindConsole  Kind = "console"
)

// A Permission is Django's codename, "delete_session".
type Permission string

// The permissions. The console decides what those of sessions and log entries
// mean; those of users and groups are enforced here.
const (
	ViewSession    Permission = "view_session"
	AddSession     Permission = "add_session"
	ChangeSession  Permission = "change_session"
	DeleteSession  Permission = "delete_session"
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
)

// Permissions returns all permissions, by kind, then view, add, change,
// delete: the order in which forms show them. The slice is the caller's.
func Permissions() []Permission {
	return []Permission{
		ViewSession, AddSession, ChangeSession, DeleteSession,
		ViewUser, AddUser, ChangeUser, DeleteUser,
		ViewGroup, AddGroup, ChangeGroup, DeleteGroup,
		ViewLogEntry, AddLogEntry, ChangeLogEntry, DeleteLogEntry,
	}
}

// Label returns what a form calls p, "Can delete session"; for a permission
// that does not exist it returns p itself.
func (p Permission) Label() string {
	verb, kind, ok := p.split()
	if !ok {
		return string(p)
	}
	return "Can " + verb + " " + kind.Label()
}

// Label returns the kind in words: "log entry" for KindLogEntry.
func (k Kind) Label() string {
	switch k {
	case KindLogEntry:
		return "log entry"
	case KindConsole:
		return "console session"
	default:
		return string(k)
	}
}
