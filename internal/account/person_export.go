package account

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// mostExportedEntries bounds an export, to the newest ones: about 13 MB of JSON, and less than
// what a command reads from a server also if all names are as long as they may be.
const mostExportedEntries = 50_000

// UserData is what the accounts have of one user. It has no hash, secret or key. Names and
// addresses of other people are left out of the entries.
type UserData struct {
	User          *User // nil: the user was deleted, and only entries are left
	Groups        []string
	AppAdded      time.Time // of the authenticator app; zero: there is none
	RecoveryCodes int       // that were not used yet
	WrongCodes    int       // since the last sign-in
	Passkeys      []Passkey
	Entries       []Entry // by and about the user, newest first
	Left          bool    // there are older entries that are left out
}

// ExportUser returns what there is of a user, and records that it did before it does. It also
// finds the entries of a user who was deleted. In the console it needs a superuser. Errors:
// ErrNotFound if neither the users nor the audit log have this id, ErrForbidden, ErrFull,
// ErrUnavailable, ErrClosed.
func (s *Store) ExportUser(ctx context.Context, actor Actor, id uint64) (UserData, error) {
	ctx, cancel := context.WithTimeout(ctx, eraseTime)
	defer cancel()
	err := s.change(ctx, actor, "", func(c *change) error {
		if err := c.superuserOnly(); err != nil {
			return err
		}
		u := User{ID: id, Username: ErasedName(id)}
		if known := c.member(id); known != nil {
			u = known.User
		} else if names := c.namesInEntries(id); len(names) > 0 {
			u.Username = names[0]
		} else {
			return fmt.Errorf("user %d: %w", id, ErrNotFound)
		}
		c.audit(userEvent(ActionExport, u))
		return nil
	})
	if err != nil {
		return UserData{}, err
	}
	return read(ctx, s, func(t tx) UserData { return t.userData(id) })
}

func (t tx) userData(id uint64) (d UserData) {
	if u := t.member(id); u != nil {
		d.User = &u.User
		for _, group := range u.Groups {
			d.Groups = append(d.Groups, t.group(group).Name)
		}
		d.AppAdded = timeOf(value[sql.NullInt64](t, "SELECT added FROM totp WHERE user_id = $1", id))
		d.RecoveryCodes, d.WrongCodes = t.recoveryCodesLeft(id), t.wrongCodes(id)
		for _, row := range t.passkeysOf(id) {
			d.Passkeys = append(d.Passkeys, row.Passkey)
		}
	}
	d.Entries = t.entriesOf(id)
	if d.Left = len(d.Entries) > mostExportedEntries; d.Left {
		d.Entries = d.Entries[:mostExportedEntries]
	}
	return d
}

// entriesOf returns the newest entries by and about a user, without what names others.
func (t tx) entriesOf(id uint64) []Entry {
	text := strconv.FormatUint(id, 10)
	var w where
	w.conditions = []string{"(" + entriesBy + " OR " + entriesAbout + ")"}
	w.args = []any{id, text}
	all := t.entries(w, "ORDER BY id DESC", mostExportedEntries+1)
	for i := range all {
		all[i] = all[i].forPerson(id, text)
	}
	return all
}

// forPerson returns the entry without the name and the address of another actor, and without
// the names of other users.
func (e Entry) forPerson(id uint64, text string) Entry {
	about := slices.Contains([]Kind{KindUser, KindConsole}, e.Kind)
	if e.Actor.UserID != id && !(e.Actor.UserID == 0 && e.Actor.Via != ViaCommandLine) {
		e.Actor.Name, e.Actor.Address = "", ""
	}
	if about && e.ObjectID != text {
		e.Object = ""
	}
	return e
}

// FormerUsers returns the ids of users who were deleted and whom the audit log knows by this
// name, at most ten. Errors: ErrUnavailable, ErrClosed.
func (s *Store) FormerUsers(ctx context.Context, username string) ([]uint64, error) {
	const most = 10
	query := fmt.Sprintf(`SELECT id FROM (SELECT CAST(object_id AS BIGINT) AS id FROM entries WHERE kind = 'user' AND object = $1 AND object_id <> ''
		UNION SELECT actor_id FROM entries WHERE actor = $1 AND actor_id > 0) AS named WHERE id NOT IN (SELECT id FROM users) ORDER BY id LIMIT %d`, most)
	return read(ctx, s, func(t tx) (ids []uint64) {
		t.each(query, []any{normalUsername(username)}, func(scan func(...any)) {
			var id uint64
			scan(&id)
			ids = append(ids, id)
		})
		return ids
	})
}
