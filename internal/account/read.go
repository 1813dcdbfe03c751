package account

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// member is a user with the fields that stay in this package.
type member struct {
	User
	hash   string
	parsed passwordHash // zero if the user is not Usable
}

// memberColumns are a user with the lists of their groups and permissions.
const memberColumns = userColumns + `,
	(SELECT string_agg(CAST(group_id AS TEXT), ',') FROM user_groups WHERE user_id = u.id),
	(SELECT string_agg(permission, ',') FROM user_permissions WHERE user_id = u.id),
	(SELECT string_agg(p.permission, ',') FROM user_groups g JOIN group_permissions p ON p.group_id = g.group_id WHERE g.user_id = u.id)`

// members returns the users of a query's end, such as "WHERE u.id = $1".
func (t tx) members(end string, args ...any) (all []*member, err error) {
	err = t.each("SELECT "+memberColumns+" FROM users u "+end, args, func(scan func(...any) error) error {
		var u member
		var last, joined sql.NullInt64
		var groups, own, given sql.NullString
		err := scan(&u.ID, &u.Username, &u.Email, &u.FirstName, &u.LastName, &u.hash, &u.Active, &u.Staff, &u.Superuser, &last, &joined, &u.Epoch, &u.Version,
			&groups, &own, &given)
		if err != nil {
			return err
		}
		u.LastLogin, u.Joined = timeOf(last), timeOf(joined)
		u.Groups, u.Permissions = idsOf(groups.String), setOfText(own.String).list()
		u.permit(setOfText(given.String))
		all = append(all, &u)
		return nil
	})
	return all, err
}

// permit computes the user's permissions from those of their groups.
func (u *member) permit(given permissionSet) {
	parsed, err := parseHash(u.hash)
	u.parsed, u.Usable = parsed, err == nil
	u.granted = setOf(u.Permissions) | given
	switch {
	case !u.Active:
		u.effective = 0
	case u.Superuser:
		u.effective = everything
	default:
		u.effective = u.granted
	}
}

func timeOf(micro sql.NullInt64) time.Time {
	if !micro.Valid {
		return time.Time{}
	}
	return time.UnixMicro(micro.Int64).UTC()
}

func setOfText(list string) (set permissionSet) {
	for text := range strings.SplitSeq(list, ",") {
		set |= bit(Permission(text))
	}
	return set
}

func idsOf(list string) (ids []uint64) {
	for text := range strings.SplitSeq(list, ",") {
		if id, err := strconv.ParseUint(text, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// member returns the user with this id, or ErrNotFound.
func (t tx) member(id uint64) (*member, error) { return only(t.members("WHERE u.id = $1", id)) }

// named returns the user with this username, or ErrNotFound.
func (t tx) named(username string) (*member, error) {
	return only(t.members("WHERE u.username = $1", username))
}

func only[T any](list []T, err error) (one T, _ error) {
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return one, err
	}
	return list[0], nil
}

// orNone turns ErrNotFound into the zero value.
func orNone[T any](v T, err error) (T, error) {
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return v, err
}

// group returns the group with this id, or ErrNotFound.
func (t tx) group(id uint64) (Group, error) { return only(t.groups("WHERE g.id = $1", id)) }

// groups returns the groups of a query's end.
func (t tx) groups(end string, args ...any) (all []Group, err error) {
	err = t.each(`SELECT g.id, g.name, g.version, (SELECT string_agg(permission, ',') FROM group_permissions WHERE group_id = g.id),
		(SELECT count(*) FROM user_groups WHERE group_id = g.id) FROM groups g `+end, args, func(scan func(...any) error) error {
		var g Group
		var gives sql.NullString
		if err := scan(&g.ID, &g.Name, &g.Version, &gives, &g.Members); err != nil {
			return err
		}
		g.Permissions = setOfText(gives.String).list()
		all = append(all, g)
		return nil
	})
	return all, err
}

// hasSuperuser reports whether there is a superuser who can sign in.
func (t tx) hasSuperuser() (yes bool, err error) {
	err = t.row(`SELECT count(*) > 0 FROM users WHERE superuser = 1 AND staff = 1 AND active = 1 AND hash <> '' AND substr(hash, 1, 1) <> '!'`, nil, &yes)
	return yes, err
}

// hadUsers reports whether there were users ever: an id was given, or the audit log names
// a user or a group. A failed sign-in with an unknown name, and a command that ends
// sessions, are in the log of a new database, too.
func (t tx) hadUsers() (yes bool, err error) {
	err = t.row(`SELECT coalesce((SELECT last FROM counters WHERE name = 'users'), 1) > 0
		OR EXISTS (SELECT 1 FROM entries WHERE actor_id > 0) OR EXISTS (SELECT 1 FROM entries WHERE kind IN ('user', 'group') AND object_id <> '')`, nil, &yes)
	return yes, err
}

// firstRun reports whether the database is new.
func (t tx) firstRun() (yes bool, err error) {
	n, err := t.count("users")
	if err != nil || n > 0 {
		return false, err
	}
	had, err := t.hadUsers()
	return !had, err
}

// User returns the user with this id. Errors: ErrNotFound, ErrUnavailable, ErrClosed.
func (s *Store) User(ctx context.Context, id uint64) (User, error) {
	return s.user(ctx, func(t tx) (*member, error) { return t.member(id) })
}

// UserByName returns the user with this username. Errors as User.
func (s *Store) UserByName(ctx context.Context, username string) (User, error) {
	return s.user(ctx, func(t tx) (*member, error) { return t.named(normalUsername(username)) })
}

func (s *Store) user(ctx context.Context, find func(tx) (*member, error)) (User, error) {
	m, err := read(ctx, s, find)
	if err != nil {
		return User{}, err
	}
	return m.User, nil
}

// read returns what get reads from one instant of the database.
func read[T any](ctx context.Context, s *Store, get func(tx) (T, error)) (v T, err error) {
	err = s.reading(ctx, func(t tx) (err error) {
		v, err = get(t)
		return err
	})
	return v, err
}

// Valid returns the user if they may continue a console session that began at epoch: they
// are active and staff, and their epoch is the same. Changes by this process count at
// once, changes by others after at most one second. Errors: ErrUnavailable, ErrClosed.
func (s *Store) Valid(ctx context.Context, id, epoch uint64) (User, bool, error) {
	u, err := s.operators.get(id, func() (User, error) { return orNone(s.User(ctx, id)) })
	if err != nil || !u.Active || !u.Staff || u.Epoch != epoch {
		return User{}, false, err
	}
	return u, true, nil
}

// HasSuperuser reports whether there is a superuser who can sign in: active, staff, and
// with a password. Errors: ErrUnavailable, ErrClosed.
func (s *Store) HasSuperuser(ctx context.Context) (bool, error) { return read(ctx, s, tx.hasSuperuser) }

// FirstRun reports whether CreateFirstSuperuser may make the first user: there is none, and
// there never was one. Damage or a partial restore can take away a superuser, so a database
// without one is not enough; "pagesession createsuperuser" makes one there. Errors:
// ErrUnavailable, ErrClosed.
func (s *Store) FirstRun(ctx context.Context) (bool, error) { return read(ctx, s, tx.firstRun) }

// Group returns the group with this id. Errors as User.
func (s *Store) Group(ctx context.Context, id uint64) (Group, error) {
	return s.group(ctx, "WHERE g.id = $1", id)
}

// GroupByName returns the group with this name. Errors as User.
func (s *Store) GroupByName(ctx context.Context, name string) (Group, error) {
	return s.group(ctx, "WHERE g.name = $1", name)
}

func (s *Store) group(ctx context.Context, end string, arg any) (Group, error) {
	return read(ctx, s, func(t tx) (Group, error) { return only(t.groups(end, arg)) })
}
