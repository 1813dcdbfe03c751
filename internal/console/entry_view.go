package console

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/text"
)

// An entryView is an audit entry in words, in pieces for partials/entry.
type entryView struct {
	At     time.Time
	Who    string
	Way    string // "command line", where Who is a user of the system
	Did    string // "changed user"
	Object string // "bob"; "" where Did says all
	URL    string // of the object; "" if it is gone or the operator may not see it
	More   string // ": email, groups"
	From   string // "from 127.0.0.1, console"
}

// entryViews are entries for the operator who sent the request. Errors: those of the
// accounts, in which it looks up objects.
func (s *console) entryViews(r *request, entries []account.Entry) ([]entryView, error) {
	all := make([]entryView, len(entries))
	addresses := map[[2]string]string{} // by kind and id: entries are often about the same object
	for i, e := range entries {
		all[i] = entryViewOf(e)
		if !namesObject(e) {
			continue
		}
		object := [2]string{string(e.Kind), e.ObjectID}
		if _, known := addresses[object]; !known {
			address, err := s.objectURL(r, e.Kind, e.ObjectID)
			if err != nil {
				return nil, err
			}
			addresses[object] = address
		}
		all[i].URL = addresses[object]
	}
	return all, nil
}

// namesObject reports whether an entry is about one object other than its actor.
func namesObject(e account.Entry) bool {
	return e.Count <= 1 && e.Kind != account.KindConsole && e.Kind != account.KindLogEntry && !isAboutActor(e)
}

// entryViewOf is an entry without the address of its object.
func entryViewOf(e account.Entry) entryView {
	view := entryView{At: e.At, Who: whoOf(e), Way: wayOf(e), Did: didOf(e), From: fromOf(e.Actor)}
	if namesObject(e) {
		view.Object = e.Object
	}
	if isFiltered(e) {
		view.More = filteredMore(e)
	} else if fields := otherFields(e); len(fields) > 0 {
		view.More = ": " + strings.Join(changeLabels(e, fields), ", ")
	}
	return view
}

// otherFields are the changed fields that the verb does not already name.
func otherFields(e account.Entry) []string {
	switch e.Action {
	case account.ActionPassword:
		return nil
	case account.ActionDisable, account.ActionEnable:
		return slices.DeleteFunc(slices.Clone(e.Fields), func(field string) bool { return field == "is_active" })
	default:
		return e.Fields
	}
}

// whoOf names the actor, which is unknown for a failed sign-in.
func whoOf(e account.Entry) string {
	switch {
	case e.Actor.Name != "":
		return e.Actor.Name
	case e.Actor.Via == account.ViaCommandLine:
		return "The command line"
	default:
		return "Someone"
	}
}

// wayOf tells an actor who is not a user of the console apart from users, who may have the same
// name.
func wayOf(e account.Entry) string {
	if e.Actor.Name == "" || e.Actor.Via == account.ViaConsole {
		return ""
	}
	return string(e.Actor.Via)
}

// isAboutActor reports whether the actor is the object, which the words then leave out.
func isAboutActor(e account.Entry) bool {
	return e.Kind == account.KindUser && e.Actor.UserID != 0 && e.ObjectID == strconv.FormatUint(e.Actor.UserID, 10)
}

// didOf says what was done, up to the object's name.
func didOf(e account.Entry) string {
	as, own := "", isAboutActor(e)
	if e.Object != "" {
		as = " as"
	}
	if isFiltered(e) {
		return filteredDid(e)
	}
	switch e.Action {
	case account.ActionSignInFailed:
		if own { // the old password, with a new one
			return "entered a wrong current password"
		}
		return "failed to sign in" + as
	case account.ActionThrottled:
		return "had too many failed sign-ins" + as
	case account.ActionPassword:
		if own {
			return "changed their own password"
		}
		return "changed the password of " + e.Kind.Label()
	case account.ActionRevokeStop:
		return "stopped ending sessions"
	case account.ActionRevokeAll:
		return "ended all sessions (" + text.Number(e.Count) + ")"
	case account.ActionClear:
		return "removed " + text.Plural(e.Count, "expired session")
	case account.ActionMove:
		return "began to move all sessions to"
	case account.ActionBackup:
		return "made " + backupOf(e)
	case account.ActionRestore:
		return "restored the backup of"
	case account.ActionRevoke:
		return "ended " + objects(e)
	case account.ActionSignOut:
		if !own {
			return "signed out user"
		}
		return actionLabels[e.Action]
	case account.ActionSignIn:
		return actionLabels[e.Action]
	case account.ActionAdd:
		if e.Kind == account.KindWall {
			return "opened a wall screen"
		}
		return actionLabels[e.Action] + " " + objects(e)
	case account.ActionUnlock:
		return "cleared the failed sign-ins of " + objects(e)
	case account.ActionFactorAdd, account.ActionFactorChange, account.ActionFactorRemove, account.ActionFactorReset, account.ActionRecovery:
		return factorChange(e, own)
	case account.ActionExport:
		if e.Kind == account.KindLogEntry {
			return exportOfLog(e)
		}
		return "exported the data of " + objects(e)
	case account.ActionErase:
		if e.Kind == account.KindUser { // the name says that it is a user
			return actionLabels[e.Action] + " of"
		}
		return actionLabels[e.Action] + " of " + objects(e)
	case account.ActionConflict:
		return actionLabels[e.Action] + ": " + objects(e)
	default:
		return cmp.Or(actionLabels[e.Action], string(e.Action)) + " " + objects(e)
	}
}

// exportOfLog says what of the audit log was exported.
func exportOfLog(e account.Entry) string {
	return "exported " + text.Plural(e.Count, "log entry", "log entries") + ", " + cmp.Or(e.Object, "all")
}

// backupOf names a kept backup, or one that went elsewhere.
func backupOf(e account.Entry) string {
	if e.Object == "" {
		return "a backup"
	}
	return "backup"
}

// factorChange says what was done to the second factors of the actor, or of another user.
func factorChange(e account.Entry, own bool) string {
	if own {
		return actionLabels[e.Action]
	}
	return actionLabels[e.Action] + " of " + objects(e)
}

// objects returns "user", to stand before a name, or "3 users".
func objects(e account.Entry) string {
	label := e.Kind.Label()
	switch {
	case e.Kind == account.KindConsole && e.Object != "":
		return text.Plural(max(e.Count, 1), label) + " of " + e.Object
	case e.Count > 1 || (e.Object == "" && e.Count == 1):
		return text.Plural(e.Count, label)
	case isAboutActor(e):
		return "their own account"
	default:
		return label
	}
}

func fromOf(a account.Actor) string {
	if a.Address == "" {
		return string(a.Via)
	}
	return "from " + a.Address + ", " + string(a.Via)
}

// objectURL leads to what an entry is about, if it is there and the operator may see it.
func (s *console) objectURL(r *request, kind account.Kind, objectID string) (address string, err error) {
	id, notNumber := strconv.ParseUint(objectID, 10, 64)
	switch {
	case notNumber != nil: // of a session
		return "", nil
	case kind == account.KindUser && seeUsers.admits(r.user):
		address = userURL(id)
		_, err = s.Accounts.User(r.UserContext(), id)
	case kind == account.KindGroup && seeGroups.admits(r.user):
		address = groupURL(id)
		_, err = s.Accounts.Group(r.UserContext(), id)
	}
	if errors.Is(err, account.ErrNotFound) {
		return "", nil
	}
	return address, err
}

// actionLabels are the actions in words, for entries and for the log's filter.
var actionLabels = map[account.Action]string{
	account.ActionSignIn: "signed in", account.ActionSignInFailed: "failed to sign in", account.ActionThrottled: "had too many failed sign-ins",
	account.ActionSignOut: "signed out", account.ActionPassword: "changed a password", account.ActionAdd: "added",
	account.ActionImport: "imported",
	account.ActionChange: "changed", account.ActionDisable: "disabled", account.ActionEnable: "enabled", account.ActionUnlock: "cleared failed sign-ins", account.ActionDelete: "deleted",
	account.ActionRevokeBegin: "began to end sessions", account.ActionRevokeMatch: "ended matching sessions", account.ActionRevokeStop: "stopped ending sessions",
	account.ActionRevoke: "ended sessions", account.ActionRevokeAll: "ended all sessions", account.ActionClear: "removed expired sessions", account.ActionMove: "moved sessions",
	account.ActionBackup: "made a backup", account.ActionDownload: "downloaded", account.ActionRestore: "restored a backup",
	account.ActionExport: "exported data", account.ActionErase: "erased the data",
	account.ActionConflict:  "found an ambiguous name",
	account.ActionFactorAdd: "added a second factor", account.ActionFactorChange: "renamed a second factor", account.ActionFactorRemove: "removed a second factor",
	account.ActionFactorReset: "removed all second factors", account.ActionRecovery: "made new recovery codes",
}
