package account

// Kind is a kind of object of permissions and audit entries, in Django's spelling.
type Kind string

// The kinds. KindSession is a visitor's session, KindConsole an operator's session in the
// console. There are permissions for all but KindConsole.
const (
	KindSession  Kind = "session"
	KindUser     Kind = "user"
	KindGroup    Kind = "group"
	KindLogEntry Kind = "logentry"
	KindConsole  Kind = "console"
)

// A Permission is a codename as in Django, such as "delete_session".
type Permission string

// The permissions. This package enforces those of users and groups, the console those of
// sessions and log entries.
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

// Permissions returns all permissions in the order of forms: by kind, then view, add,
// change, delete. The slice belongs to the caller.
func Permissions() []Permission {
	return []Permission{
		ViewSession, AddSession, ChangeSession, DeleteSession,
		ViewUser, AddUser, ChangeUser, DeleteUser,
		ViewGroup, AddGroup, ChangeGroup, DeleteGroup,
		ViewLogEntry, AddLogEntry, ChangeLogEntry, DeleteLogEntry,
	}
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
	default:
		return string(k)
	}
}
