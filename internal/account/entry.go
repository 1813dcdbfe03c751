package account

import "time"

// Action is the kind of action that an audit entry records.
type Action string

// The actions. This package writes those up to ActionEnable, together with the change.
// Callers write the others with Audit.
const (
	ActionSignIn       Action = "login"
	ActionSignInFailed Action = "login_failed"
	ActionThrottled    Action = "login_throttled" // once when further sign-ins are delayed
	ActionAdd          Action = "add"
	ActionChange       Action = "change"
	ActionDelete       Action = "delete"
	ActionPassword     Action = "password"
	ActionDisable      Action = "disable"
	ActionImport       Action = "import" // of a user or group from Django
	ActionUnlock       Action = "unlock" // the failed sign-ins of a user no longer count
	ActionFactorAdd    Action = "second_factor_add"
	ActionFactorChange Action = "second_factor_change" // it has another name
	ActionFactorRemove Action = "second_factor_remove" // by the user
	ActionFactorReset  Action = "second_factor_reset"  // all of a user, by another one or a command
	ActionRecovery     Action = "recovery_codes"       // new ones were made
	ActionEnable       Action = "enable"
	ActionSignOut      Action = "logout"
	ActionRevoke       Action = "revoke"          // some sessions were ended
	ActionRevokeAll    Action = "revoke_all"      // all sessions were ended
	ActionRevokeBegin  Action = "revoke_begin"    // those that match a filter began to be ended
	ActionRevokeMatch  Action = "revoke_matching" // they were ended, as far as the entry says
	ActionRevokeStop   Action = "revoke_stop"     // an operator stopped that
	ActionClear        Action = "clear"           // expired sessions were cleared
	ActionMove         Action = "move"            // all sessions began to move to another store
	ActionBackup       Action = "backup"          // a backup was made
	ActionDownload     Action = "download"        // of a backup
	ActionRestore      Action = "restore"         // a backup was restored, or waits for the next start
	ActionExport       Action = "export"          // what is kept of a person was written to a file
	ActionErase        Action = "erase"           // it was removed
	ActionConflict     Action = "conflict"        // a name equals another one after Unicode normalization; found when an earlier version's file was taken over
)

// Actions returns all actions in the order of the console's filter. The slice belongs to
// the caller.
func Actions() []Action {
	return []Action{
		ActionSignIn, ActionSignInFailed, ActionThrottled, ActionSignOut, ActionPassword, ActionAdd, ActionImport, ActionChange,
		ActionDisable, ActionEnable, ActionUnlock, ActionFactorAdd, ActionFactorChange, ActionFactorRemove, ActionFactorReset, ActionRecovery, ActionDelete, ActionRevoke, ActionRevokeBegin, ActionRevokeMatch, ActionRevokeStop, ActionRevokeAll, ActionClear, ActionMove, ActionBackup, ActionDownload, ActionRestore, ActionExport, ActionErase, ActionConflict,
	}
}

// An Event is an action and its object. It must not have secrets: session ids, passwords
// or cookies. Texts are cut to 300 bytes.
type Event struct {
	Action   Action   `json:"action"`
	Kind     Kind     `json:"kind,omitempty"`
	ObjectID string   `json:"object_id,omitempty"` // a user's or group's id in decimal, a session's handle; "" for several objects
	Object   string   `json:"object,omitempty"`    // the name for people: a username, a group's name, a session's fingerprint
	Fields   []string `json:"fields,omitempty"`    // names of the fields that changed
	Changes  []Change `json:"changes,omitempty"`   // of some of the fields, what they were and are
	Count    int      `json:"count,omitempty"`     // the number of objects, if there are several
}

// An Entry is one line of the audit log. It is immutable.
type Entry struct {
	Seq   uint64 // counts up from 1; trimmed entries leave gaps
	At    time.Time
	Actor Actor // Name is "" for a failed sign-in, since the input may be a password
	Event
}

// An EntryQuery selects entries that match all fields that are set. The zero value selects
// the newest entries.
type EntryQuery struct {
	ActorID  uint64
	Actor    string // the name of the actor, for those who are not users of the console
	Via      Via
	Action   Action
	Kind     Kind
	ObjectID string    // with Kind: the history of one object
	Object   string    // its name; several objects may share one, and the search reads all entries
	From, To time.Time // at or after From, before To

	Before uint64 // only entries older than this Seq; an EntryPage's Older
	After  uint64 // only entries newer than this Seq; an EntryPage's Newer
	Limit  int    // 0 is 50; at most 1,000
}

// An EntryPage is the result of Entries, newest first. It may have fewer entries than the
// limit and still an Older (or Newer), if the search has read as many entries as it may.
type EntryPage struct {
	Entries []Entry
	Older   uint64 // for EntryQuery.Before of the next page; 0 on the last page
	Newer   uint64 // for EntryQuery.After of the page before; 0 on the first page
}
