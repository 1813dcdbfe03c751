package account

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// A djangoReader reads one project, within one time.
type djangoReader struct {
	ctx context.Context
	db  *djangoDB
}

func (r djangoReader) project() (p *djangoProject, err error) {
	if err := r.recognize(); err != nil {
		return nil, err
	}
	names, err := r.permissions()
	if err != nil {
		return nil, err
	}
	p = &djangoProject{}
	if p.users, err = readAll(r, "auth_user", userColumns, readUser); err != nil {
		return nil, err
	}
	if p.groups, err = readAll(r, "auth_group", "id, name", readGroup); err != nil {
		return nil, err
	}
	byID := func(id int64) Permission { return names[id] }
	if p.userGroups, err = readLinks(r, "auth_user_groups", "user_id, group_id", func(id int64) int64 { return id }); err != nil {
		return nil, err
	}
	if p.userPermissions, err = readLinks(r, "auth_user_user_permissions", "user_id, permission_id", byID); err != nil {
		return nil, err
	}
	p.groupPermissions, err = readLinks(r, "auth_group_permissions", "group_id, permission_id", byID)
	return p, err
}

// recognize tells a project from another database, and one that is whole from
// one that is not.
func (r djangoReader) recognize() error {
	for table, columns := range djangoTables {
		ok, err := r.db.hasColumns(r.ctx, table, columns)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w: it has no table %s with the columns that Django's own has", ErrNotDjango, table)
		}
	}
	for table := range djangoTables {
		if err := r.db.check(r.ctx, table); err != nil {
			return err
		}
	}
	return nil
}

func readAll[T any](r djangoReader, table, columns string, read func(*sql.Rows) (T, error)) (all []T, err error) {
	err = r.db.each(r.ctx, table, columns, func(rows *sql.Rows) error {
		one, err := read(rows)
		all = append(all, one)
		return err
	})
	return all, err
}

// readLinks reads a table of pairs: what belongs to each owner.
func readLinks[T any](r djangoReader, table, columns string, as func(int64) T) (map[int64][]T, error) {
	links := map[int64][]T{}
	return links, r.db.each(r.ctx, table, columns, func(rows *sql.Rows) error {
		var owner, id int64
		err := rows.Scan(&owner, &id)
		links[owner] = append(links[owner], as(id))
		return err
	})
}

// permissions returns Django's permissions by id: ours by our names, others as
// "app.codename", which is the name of none of ours, and short: one app's name
// stands in many.
func (r djangoReader) permissions() (map[int64]Permission, error) {
	apps := map[int64]string{}
	err := r.db.each(r.ctx, "django_content_type", "id, app_label", func(rows *sql.Rows) error {
		var id int64
		var app string
		err := rows.Scan(&id, &app)
		apps[id] = shortened(app)
		return err
	})
	if err != nil {
		return nil, err
	}
	names := map[int64]Permission{}
	return names, r.db.each(r.ctx, "auth_permission", "id, content_type_id, codename", func(rows *sql.Rows) error {
		var id, contentType int64
		var codename string
		err := rows.Scan(&id, &contentType, &codename)
		names[id] = djangoPermission(apps[contentType], codename)
		return err
	})
}

func djangoPermission(app, codename string) Permission {
	p := Permission(codename)
	if _, kind, ok := p.split(); !ok || app != djangoApps[kind] {
		return Permission(app + "." + shortened(codename))
	}
	return p
}

// djangoApps is whose our kinds are in Django: another app's "view_session" is
// about something else.
var djangoApps = map[Kind]string{
	KindSession: "sessions", KindUser: "auth", KindGroup: "auth", KindLogEntry: "admin",
}

// Dates come as the text that they are in the file: of a column that is declared
// as one the driver makes a time, if it can.
const userColumns = "id, username, email, first_name, last_name, is_active, is_staff, is_superuser, password, " +
	"cast(last_login AS text), cast(date_joined AS text)"

func readUser(rows *sql.Rows) (u djangoUser, err error) {
	var login, joined sql.NullString
	err = rows.Scan(&u.id, &u.Username, &u.Email, &u.FirstName, &u.LastName, &u.Active, &u.Staff, &u.Superuser, &u.hash, &login, &joined)
	u.LastLogin, u.Joined = djangoTime(login.String), djangoTime(joined.String)
	return u, err
}

func readGroup(rows *sql.Rows) (g djangoGroup, err error) {
	err = rows.Scan(&g.id, &g.name)
	return g, err
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
