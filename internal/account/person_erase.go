package account

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"
)

// eraseTime bounds an erasure: an operator may have made a million entries.
const eraseTime = time.Minute

// ErasedName is what the audit log calls an erased user. No username is like it, because it
// has blanks. The id stays, so that what one person did can still be told from what others did.
func ErasedName(id uint64) string { return "erased user " + strconv.FormatUint(id, 10) }

// EraseUser deletes a user with all that belongs to them, and takes their name and addresses
// out of the audit log: that something was done stays. The address of a failed sign-in to
// their account goes, too, since it is mostly their own. It also erases a user who was deleted
// before, and returns the number of entries that named them. In the console it needs a
// superuser. Failed sign-ins that count for the name are forgotten. Errors: ErrNotFound if
// neither the users nor the audit log have this id, ErrForbidden, ErrSelf, ErrLastSuperuser
// with the username, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) EraseUser(ctx context.Context, actor Actor, id uint64) (entries int, err error) {
	ctx, cancel := context.WithTimeout(ctx, eraseTime)
	defer cancel()
	s.writeWaiting(ctx) // they may name the user
	var names []string
	err = s.change(ctx, actor, "", func(c *change) (err error) {
		names, entries, err = c.eraseUser(id)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		s.forgetSignIns(context.WithoutCancel(ctx), nameKey(normalUsername(name)))
	}
	return entries, nil
}

// forgetSignIns forgets failures for a name and the networks in which its user has signed in.
// What cannot be forgotten ends by itself, within an hour or with the process.
func (s *Store) forgetSignIns(ctx context.Context, name tried) {
	s.throttle.forget(name)
	if _, err := s.throttle.unlock(ctx, s.cfg.Now(), name); err != nil {
		s.cfg.Logger.Warn("failed sign-ins of an erased user could not be cleared; they expire within an hour", slog.Any("error", err))
	}
}

func (c *change) eraseUser(id uint64) (names []string, entries int, err error) {
	if err := c.superuserOnly(); err != nil {
		return nil, 0, err
	}
	u := c.member(id)
	switch {
	case u != nil && c.self(u.User):
		return nil, 0, ErrSelf
	case u != nil:
		names = append(names, u.Username)
		c.exec("DELETE FROM users WHERE id = $1", id)
	}
	if u != nil && u.Superuser && !c.hasSuperuser() {
		return nil, 0, fmt.Errorf("%s: %w", u.Username, ErrLastSuperuser)
	}
	former := c.namesInEntries(id)
	if names = append(names, former...); len(names) == 0 {
		return nil, 0, fmt.Errorf("user %d: %w", id, ErrNotFound)
	}
	entries = c.renameInEntries(id)
	c.audit(userEvent(ActionErase, User{ID: id, Username: ErasedName(id)}))
	return names, entries, nil
}

// The entries that name a user: $1 is the id, $2 the id as text. The entry of the first run
// and those of failed sign-ins have no actor's id.
const (
	entriesBy     = "actor_id = $1"
	entriesAbout  = "kind IN ('user', 'console') AND object_id = $2"
	entriesUnsure = "kind = 'user' AND object_id = $2 AND actor_id = 0 AND via <> 'command line'"
)

// namesInEntries returns the names that the audit log has for a user, without the one that an
// erasure gives them.
func (t tx) namesInEntries(id uint64) (names []string) {
	query := "SELECT DISTINCT actor FROM entries WHERE " + entriesBy + " UNION SELECT DISTINCT object FROM entries WHERE " + entriesAbout
	t.each(query, []any{id, strconv.FormatUint(id, 10)}, func(scan func(...any)) {
		var name string
		if scan(&name); name != "" && name != ErasedName(id) {
			names = append(names, name)
		}
	})
	return names
}

// renameInEntries writes the name of an erased user to all entries that name them, and
// removes the addresses. It returns the number of entries.
func (c *change) renameInEntries(id uint64) (n int) {
	text, name := strconv.FormatUint(id, 10), ErasedName(id)
	n = value[int](c.tx, "SELECT count(*) FROM entries WHERE ("+entriesBy+") OR ("+entriesAbout+")", id, text)
	c.exec("UPDATE entries SET actor = $3, address = '' WHERE "+entriesBy+" AND $2 <> ''", id, text, name)
	c.exec("UPDATE entries SET object = $3 WHERE "+entriesAbout+" AND $1 > 0", id, text, name)
	c.exec("UPDATE entries SET actor = CASE WHEN actor = '' THEN '' ELSE $3 END, address = '' WHERE "+entriesUnsure+" AND $1 > 0", id, text, name)
	return n
}

// withoutErased returns an entry without the names of users who were erased while what it is
// about ran, such as a sign-in or the end of many sessions, or while the entry waited for room on
// the disk, maybe of another server.
func (c *change) withoutErased(e Entry) Entry {
	if c.isErased(e.Actor.UserID) {
		e.Actor.Name, e.Actor.Address = ErasedName(e.Actor.UserID), ""
	}
	id, err := strconv.ParseUint(e.ObjectID, 10, 64)
	if err != nil || e.Kind != KindUser && e.Kind != KindConsole || !c.isErased(id) {
		return e
	}
	e.Object = ErasedName(id)
	if e.Action.changes() || e.Actor.UserID != 0 {
		return e
	}
	if e.Actor.Address = ""; e.Actor.Name != "" { // a sign-in: mostly their own
		e.Actor.Name = ErasedName(id)
	}
	return e
}

// isErased reports whether a user of this id was erased. 0 is no user's.
func (c *change) isErased(id uint64) bool {
	if id == 0 || value[bool](c.tx, "SELECT count(*) > 0 FROM users WHERE id = $1", id) {
		return false
	}
	return value[bool](c.tx, "SELECT count(*) > 0 FROM entries WHERE kind = 'user' AND object_id = $1 AND action = $2", strconv.FormatUint(id, 10), ActionErase)
}

// superuserOnly refuses actors of the console who are not superusers.
func (c *change) superuserOnly() error {
	if c.by != nil && !c.by.Superuser {
		return fmt.Errorf("%w: only a superuser can do this", ErrForbidden)
	}
	return nil
}

// MaySuper returns nil if the actor is a superuser now, or not of the console. Errors as May.
func (s *Store) MaySuper(ctx context.Context, actor Actor) error {
	return s.look(ctx, actor, "", (*change).superuserOnly)
}
