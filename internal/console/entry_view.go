package console

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"pagesession/internal/account"
)

// An entryView is an audit entry as pages say it, "Ada changed user bob: e-mail,
// groups", in the pieces that {{template "partials/entry"}} puts together.
type entryView struct {
	At     time.Time
	Who    string
	Did    string // "changed user"
	Object string // "bob"; "" where Did says all
	URL    string // of the object; "" if it is gone or not for this reader
	More   string // ": e-mail, groups"
	From   string // "from 127.0.0.1, console"
}

// entryViews says entries for the reader whose visit it is.
func (s *console) entryViews(v *visit, entries []account.Entry) []entryView {
	all := make([]entryView, len(entries))
	for i, e := range entries {
		all[i] = s.entryView(v, e)
	}
	return all
}

func (s *console) entryView(v *visit, e account.Entry) entryView {
	view := entryView{At: e.At, Who: whoOf(e), Did: didOf(e), From: fromOf(e.Actor)}
	if e.Count <= 1 && e.Kind != account.KindConsole && !aboutHimself(e) {
		view.Object, view.URL = e.Object, s.objectURL(v, e.Kind, e.ObjectID)
	}
	if fields := untold(e); len(fields) > 0 {
		view.More = ": " + strings.Join(fieldLabels(fields), ", ")
	}
	return view
}

// untold is the fields that the verb does not tell already.
func untold(e account.Entry) []string {
	switch e.Action {
	case account.ActionPassword:
		return nil
	case account.ActionDisable, account.ActionEnable:
		return slices.DeleteFunc(slices.Clone(e.Fields), func(field string) bool { return field == "is_active" })
	default:
		return e.Fields
	}
}

// whoOf names the actor. Of a failed login nobody knows who it was.
func whoOf(e account.Entry) string {
	switch {
	case e.Actor.Name != "":
		return e.Actor.Name
	case e.Actor.Via == account.ViaCommandLine:
		return "The command line"
	default:
		return "Somebody"
	}
}

// aboutHimself is about entries whose words need no object, for it is the actor.
func aboutHimself(e account.Entry) bool {
	return e.Kind == account.KindUser && e.Actor.UserID != 0 && e.ObjectID == strconv.FormatUint(e.Actor.UserID, 10)
}

// didOf says what was done, up to the object's name.
func didOf(e account.Entry) string {
	switch e.Action {
	case account.ActionLogin:
		return "logged in"
	case account.ActionLogout:
		return "logged out"
	case account.ActionLoginFailed:
		if aboutHimself(e) { // the old password, with a new one
			return "mistyped their own password"
		}
		return unto("failed to log in", " as", e)
	case account.ActionThrottled:
		return unto("failed too often to log in, and has to wait", ", as", e)
	case account.ActionPassword:
		if aboutHimself(e) {
			return "changed their own password"
		}
		return "changed the password of " + e.Kind.Label()
	case account.ActionRevokeAll:
		return "ended all sessions, " + count(int64(e.Count))
	case account.ActionClear:
		return "cleared " + counted(int64(e.Count), "expired session", "expired sessions")
	case account.ActionRevoke:
		return "ended " + objects(e)
	default:
		return past(e.Action) + " " + objects(e)
	}
}

func unto(words, link string, e account.Entry) string {
	if e.Object == "" {
		return words
	}
	return words + link
}

// objects is "user", before its name, or "3 users".
func objects(e account.Entry) string {
	label := e.Kind.Label()
	switch {
	case e.Kind == account.KindConsole && e.Object != "":
		return counted(int64(max(e.Count, 1)), label, label+"s") + " of " + e.Object
	case e.Count > 1 || (e.Object == "" && e.Count == 1):
		return counted(int64(e.Count), label, label+"s")
	case aboutHimself(e):
		return "their own account"
	default:
		return label
	}
}

func past(a account.Action) string {
	switch a {
	case account.ActionAdd:
		return "added"
	case account.ActionChange:
		return "changed"
	case account.ActionDelete:
		return "deleted"
	case account.ActionImport:
		return "imported"
	case account.ActionDisable:
		return "disabled"
	case account.ActionEnable:
		return "enabled"
	default:
		return string(a)
	}
}

func fromOf(a account.Actor) string {
	if a.Address == "" {
		return string(a.Via)
	}
	return "from " + a.Address + ", " + string(a.Via)
}

// objectURL leads to what an entry is about, as far as it is still there and the
// reader may see it. A session has no page under its fingerprint.
func (s *console) objectURL(v *visit, kind account.Kind, objectID string) string {
	id, err := strconv.ParseUint(objectID, 10, 64)
	if err != nil {
		return ""
	}
	switch kind {
	case account.KindUser:
		if _, err := s.Accounts.User(id); err == nil && seesUsers(v.user) {
			return userURL(id)
		}
	case account.KindGroup:
		if _, err := s.Accounts.Group(id); err == nil && seesGroups(v.user) {
			return groupURL(id)
		}
	}
	return ""
}
