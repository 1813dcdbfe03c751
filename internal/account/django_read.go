package account

import (
	"errors"
	"fmt"
	"time"

	"pagesession/internal/sqlite"
)

// mostRows bounds the memory that a project takes. It is ten times what as many
// users as there can be have, with their groups and permissions.
const mostRows = 1_000_000

// A djangoFile is a project's file, of which so many rows may still be read.
type djangoFile struct {
	*sqlite.File
	left int
}

// Each is File's, as long as there are not too many rows.
func (f *djangoFile) Each(table string, do func(sqlite.Row) error) error {
	return f.File.Each(table, func(r sqlite.Row) error {
		if f.left--; f.left < 0 {
			return fmt.Errorf("%w: the file has too many users, groups and permissions", ErrFull)
		}
		return do(r)
	})
}

func readProject(f *djangoFile) (*djangoProject, error) {
	for name, columns := range djangoTables {
		if !f.HasColumns(name, columns...) {
			return nil, fmt.Errorf("%w: it has no table %s with the columns that Django's own has", ErrNotDjango, name)
		}
	}
	p := &djangoProject{}
	names, err := readPermissions(f)
	if err != nil {
		return nil, err
	}
	var errs [5]error
	p.users, errs[0] = readAll(f, "auth_user", readUser)
	p.groups, errs[1] = readAll(f, "auth_group", func(r sqlite.Row) djangoGroup { return djangoGroup{r.Int("id"), r.Text("name")} })
	p.userGroups, errs[2] = readLinks(f, "auth_user_groups", "user_id", func(r sqlite.Row) int64 { return r.Int("group_id") })
	byID := func(r sqlite.Row) Permission { return names[r.Int("permission_id")] }
	p.userPermissions, errs[3] = readLinks(f, "auth_user_user_permissions", "user_id", byID)
	p.groupPermissions, errs[4] = readLinks(f, "auth_group_permissions", "group_id", byID)
	return p, errors.Join(errs[:]...)
}

func readAll[T any](f *djangoFile, table string, read func(sqlite.Row) T) (all []T, err error) {
	err = f.Each(table, func(r sqlite.Row) error {
		all = append(all, read(r))
		return nil
	})
	return all, err
}

// readLinks reads a table of pairs: what belongs to each owner.
func readLinks[T any](f *djangoFile, table, owner string, read func(sqlite.Row) T) (map[int64][]T, error) {
	links := map[int64][]T{}
	return links, f.Each(table, func(r sqlite.Row) error {
		links[r.Int(owner)] = append(links[r.Int(owner)], read(r))
		return nil
	})
}

// readPermissions returns Django's permissions by id: ours by our names, others
// as "app.codename", which is the name of none of ours.
func readPermissions(f *djangoFile) (map[int64]Permission, error) {
	apps := map[int64]string{}
	err := f.Each("django_content_type", func(r sqlite.Row) error {
		apps[r.Int("id")] = r.Text("app_label")
		return nil
	})
	if err != nil {
		return nil, err
	}
	names := map[int64]Permission{}
	return names, f.Each("auth_permission", func(r sqlite.Row) error {
		p, app := Permission(r.Text("codename")), apps[r.Int("content_type_id")]
		if _, kind, ok := p.split(); !ok || app != djangoApps[kind] {
			p = Permission(app + "." + r.Text("codename"))
		}
		names[r.Int("id")] = p
		return nil
	})
}

// djangoApps is whose our kinds are in Django: another app's "view_session" is
// about something else.
var djangoApps = map[Kind]string{
	KindSession: "sessions", KindUser: "auth", KindGroup: "auth", KindLogEntry: "admin",
}

func readUser(r sqlite.Row) djangoUser {
	return djangoUser{r.Int("id"), User{
		Username: r.Text("username"), Email: r.Text("email"), FirstName: r.Text("first_name"), LastName: r.Text("last_name"),
		Active: r.Bool("is_active"), Staff: r.Bool("is_staff"), Superuser: r.Bool("is_superuser"),
		LastLogin: djangoTime(r.Text("last_login")), Joined: djangoTime(r.Text("date_joined")),
	}, r.Text("password")}
}

// djangoTime reads what Django writes into SQLite, which is UTC unless the
// project has USE_TZ=False. What cannot be read is zero: never, or unknown.
func djangoTime(text string) time.Time {
	t, err := time.Parse(time.DateTime, text)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t.Truncate(time.Millisecond)
}
