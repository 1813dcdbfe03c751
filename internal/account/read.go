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

// memberColumns are a user with the lists of their groups and permissions, and their second
// factors.
const memberColumns = userColumns + `,
	(SELECT string_agg(CAST(group_id AS TEXT), ',') FROM user_groups WHERE user_id = u.id),
	(SELECT string_agg(permission, ',') FROM user_permissions WHERE user_id = u.id),
	(SELECT string_agg(p.permission, ',') FROM user_groups g JOIN group_permissions p ON p.group_id = g.group_id WHERE g.user_id = u.id),
	EXISTS (SELECT 1 FROM totp WHERE user_id = u.id),
	EXISTS (SELECT 1 FROM passkeys WHERE user_id = u.id)`

// members returns the users of a query's end, such as "WHERE u.id = $1".
func (t tx) members(end string, args ...any) (all []member) {
	t.each("SELECT "+memberColumns+" FROM users u "+end, args, func(scan func(...any)) {
		var u member
		var last, joined sql.NullInt64
		var groups, own, given sql.NullString
		scan(&u.ID, &u.Username, &u.Email, &u.FirstName, &u.LastName, &u.hash, &u.Active, &u.Staff, &u.Superuser, &last, &joined, &u.Epoch, &u.Version,
			&groups, &own, &given, &u.Factors.TOTP, &u.Factors.Passkey)
		u.LastLogin, u.Joined = timeOf(last), timeOf(joined)
		u.Groups, u.Permissions = idsOf(groups.String), setOfText(own.String).list()
		u.permit(setOfText(given.String))
		all = append(all, u)
	})
	return all
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

// member returns the user with this id, or nil.
func (t tx) member(id uint64) *member { return first(t.members("WHERE u.id = $1", id)) }

// first returns the first element, or nil.
func first[T any](list []T) *T {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

// group returns the group with this id, or nil.
func (t tx) group(id uint64) *Group { return first(t.groups("WHERE g.id = $1", id)) }

// groups returns the groups of a query's end.
func (t tx) groups(end string, args ...any) (all []Group) {
	t.each(`SELECT g.id, g.name, g.version, (SELECT string_agg(permission, ',') FROM group_permissions WHERE group_id = g.id),
		(SELECT count(*) FROM user_groups WHERE group_id = g.id) FROM groups g `+end, args, func(scan func(...any)) {
		var g Group
		var gives sql.NullString
		scan(&g.ID, &g.Name, &g.Version, &gives, &g.Members)
		g.Permissions = setOfText(gives.String).list()
		all = append(all, g)
	})
	return all
}

// isSuperuser is the condition that a user is a superuser who can sign in.
const isSuperuser = `superuser = 1 AND staff = 1 AND active = 1 AND hash <> '' AND substr(hash, 1, 1) <> '!'`

// hasSuperuser reports whether there is a superuser who can sign in.
func (t tx) hasSuperuser() bool {
	return value[bool](t, "SELECT count(*) > 0 FROM users WHERE "+isSuperuser)
}

// hadUsers reports whether there were users ever: an id was given, or the audit log names
// a user or a group. A failed sign-in with an unknown name, and a command that ends
// sessions, are in the log of a new database, too.
func (t tx) hadUsers() bool {
	return value[bool](t, `SELECT coalesce((SELECT last FROM counters WHERE name = 'users'), 1) > 0
		OR EXISTS (SELECT 1 FROM entries WHERE actor_id > 0) OR EXISTS (SELECT 1 FROM entries WHERE kind IN ('user', 'group') AND object_id <> '')`)
}

// firstRun reports whether the database is new.
func (t tx) firstRun() bool { return t.count("users") == 0 && !t.hadUsers() }

// User returns the user with this id. Errors: ErrNotFound, ErrUnavailable, ErrClosed.
func (s *Store) User(ctx context.Context, id uint64) (User, error) {
	return s.user(ctx, func(t tx) *member { return t.member(id) })
}

// UserByName returns the user with this username. Errors as User.
func (s *Store) UserByName(ctx context.Context, username string) (User, error) {
	return s.user(ctx, func(t tx) *member { return t.named(username) })
}

func (s *Store) user(ctx context.Context, find func(tx) *member) (User, error) {
	m, err := found(read(ctx, s, find))
	return m.User, err
}

// found returns what was found. Without it the error is ErrNotFound.
func found[T any](v *T, err error) (T, error) {
	if err == nil && v == nil {
		err = ErrNotFound
	}
	if err != nil {
		return *new(T), err
	}
	return *v, nil
}

// read returns what get reads from one instant of the database, and the zero value with an
// error.
func read[T any](ctx context.Context, s *Store, get func(tx) T) (v T, err error) {
	if err := s.reading(ctx, func(t tx) error { v = get(t); return nil }); err != nil {
		return *new(T), err
	}
	return v, nil
}

// Identity returns the identity of the database: a text that was made by chance with it, and
// that a copy by Move has, too. Errors: ErrUnavailable, ErrClosed.
func (s *Store) Identity(ctx context.Context) (string, error) {
	return read(ctx, s, func(t tx) string { return value[string](t, "SELECT value FROM meta WHERE name = 'id'") })
}

// Valid returns the user if they may continue a console session that began at epoch: they
// are active and staff, and their epoch is the same. Changes by this process count at
// once, changes by others after at most one second. Errors: ErrUnavailable, ErrClosed.
func (s *Store) Valid(ctx context.Context, id, epoch uint64) (User, bool, error) {
	u, err := s.operators.get(id, func() (User, error) {
		u, err := s.User(ctx, id)
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
		return u, err
	})
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
	return found(read(ctx, s, func(t tx) *Group { return t.group(id) }))
}

// GroupByName returns the group with this name. Errors as User.
func (s *Store) GroupByName(ctx context.Context, name string) (Group, error) {
	return found(read(ctx, s, func(t tx) *Group { return t.group(t.idOf(groupNames(), name)) }))
}
