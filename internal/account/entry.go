package account

import "time"

// Action is what an audit entry says was done.
type Action string

// The actions. Those up to ActionEnable are written here, with the change
// itself; the others by those who do them, through Audit.
const (
	ActionSignIn       Action = "login"
	ActionSignInFailed Action = "login_failed"
	ActionThrottled    Action = "login_throttled" // once for each lock
	ActionAdd          Action = "add"
	ActionChange       Action = "change"
	ActionDelete       Action = "delete"
	ActionPassword     Action = "password"
	ActionDisable      Action = "disable"
	ActionImport       Action = "import" // of a user or group from Django
	ActionEnable       Action = "enable"
	ActionSignOut      Action = "logout"
	ActionRevoke       Action = "revoke"     // some sessions were ended
	ActionRevokeAll    Action = "revoke_all" // all sessions were ended
	ActionClear        Action = "clear"      // expired sessions were cleared
)

// Actions returns all actions, in the order in which filters show them. The
// slice is the caller's.
func Actions() []Action {
	return []Action{
		ActionSignIn, ActionSignInFailed, ActionThrottled, ActionSignOut, ActionPassword, ActionAdd, ActionImport, ActionChange,
		ActionDisable, ActionEnable, ActionDelete, ActionRevoke, ActionRevokeAll, ActionClear,
	}
}

// An Event is what an audit entry says was done, to what. An id that opens a session,
// a password or a cookie never goes into any of it. Texts are cut at 300 bytes.
type Event struct {
	Action   Action   `json:"action"`
	Kind     Kind     `json:"kind,omitempty"`
	ObjectID string   `json:"object_id,omitempty"` // of users and groups the id in decimal, of a session its handle; "" for many
	Object   string   `json:"object,omitempty"`    // what people call it: a username, a group's name, a session's fingerprint
	Fields   []string `json:"fields,omitempty"`    // names of the fields that changed
	Count    int      `json:"count,omitempty"`     // how many objects, when it is about more than one
}

// An Entry is one line of the audit log. It is never changed.
type Entry struct {
	Seq   uint64 // counts up from 1; one that is missing was forgotten
	At    time.Time
	Actor Actor // Name is "" for a failed sign-in: what was typed may have been a password
	Event
}

// An EntryQuery says which entries are wanted: those that match all that is
// set. The zero value is the newest.
type EntryQuery struct {
	ActorID  uint64
	Action   Action
	Kind     Kind
	ObjectID string    // together with Kind: the history of one object
	Object   string    // what it was called; two may share a name, and no index helps
	From, To time.Time // at or after From, before To

	Before uint64 // only entries older than this Seq; an EntryPage's Older
	After  uint64 // only entries newer than this Seq; an EntryPage's Newer
	Limit  int    // 0 is 50; at most 1,000
}

// An EntryPage is the answer, newest first. It may have fewer entries than asked for
// and yet an Older (or Newer), when a great many had to be looked at.
type EntryPage struct {
	Entries []Entry
	Older   uint64 // for EntryQuery.Before of the next page; 0 if there is none
	Newer   uint64 // for EntryQuery.After of the page before; 0 if there is none
}
