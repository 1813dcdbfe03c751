package account

import (
	"database/sql"
	"time"
)

func (d *djangoDB) project() (*djangoProject, error) {
	p := &djangoProject{
		userGroups: map[int64][]int64{}, userPermissions: map[int64][]Permission{}, groupPermissions: map[int64][]Permission{},
	}
	for _, do := range []func(djangoTable) error{d.recognize, d.check, d.each} {
		for _, t := range p.tables() {
			if err := do(t); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// A djangoTable is a table and the function that reads its rows. A project with its own
// user model lacks auth_user.
type djangoTable struct {
	name, columns string
	read          func(*sql.Rows) error
}

// tables returns the tables in the order of reading: permissions come before the tables
// that refer to them.
func (p *djangoProject) tables() []djangoTable {
	apps, permissions := map[int64]string{}, map[int64]Permission{}
	permission := func(id int64) Permission { return permissions[id] }
	return []djangoTable{
		{"django_content_type", "id, app_label", func(rows *sql.Rows) error {
			var id int64
			var app string
			err := rows.Scan(&id, &app)
			apps[id] = shortened(app)
			return err
		}},
		{"auth_permission", "id, content_type_id, codename", func(rows *sql.Rows) error {
			var id, contentType int64
			var codename string
			err := rows.Scan(&id, &contentType, &codename)
			permissions[id] = djangoPermission(apps[contentType], codename)
			return err
		}},
		{"auth_user", djangoColumns, p.readUser},
		{"auth_group", "id, name", func(rows *sql.Rows) error {
			var g djangoGroup
			err := rows.Scan(&g.id, &g.name)
			p.groups = append(p.groups, g)
			return err
		}},
		{"auth_user_groups", "user_id, group_id", link(p.userGroups, func(id int64) int64 { return id })},
		{"auth_user_user_permissions", "user_id, permission_id", link(p.userPermissions, permission)},
		{"auth_group_permissions", "group_id, permission_id", link(p.groupPermissions, permission)},
	}
}

// link returns a function that reads a table of pairs into a list for each owner.
func link[T any](links map[int64][]T, as func(int64) T) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var owner, id int64
		err := rows.Scan(&owner, &id)
		links[owner] = append(links[owner], as(id))
		return err
	}
}

// djangoPermission returns our permission for one of Django's that means the same. Any
// other becomes "app.codename", which is the name of none of ours. It cuts the codename;
// the app's name is already cut.
func djangoPermission(app, codename string) Permission {
	p := Permission(codename)
	if _, kind, ok := p.split(); !ok || app != djangoApps[kind] {
		return Permission(app + "." + shortened(codename))
	}
	return p
}

// djangoApps has the Django app of each of our kinds. The "view_session" of another app is
// about something else.
var djangoApps = map[Kind]string{
	KindSession: "sessions", KindUser: "auth", KindGroup: "auth", KindLogEntry: "admin",
}

// The + makes the driver return dates as the text in the file. Otherwise it converts
// columns that are declared as dates, where it can.
const djangoColumns = "id, username, email, first_name, last_name, is_active, is_staff, is_superuser, password, +last_login, +date_joined"

func (p *djangoProject) readUser(rows *sql.Rows) error {
	var u djangoUser
	var login, joined sql.NullString
	err := rows.Scan(&u.id, &u.Username, &u.Email, &u.FirstName, &u.LastName, &u.Active, &u.Staff, &u.Superuser, &u.hash, &login, &joined)
	u.LastLogin, u.Joined = djangoTime(login.String), djangoTime(joined.String)
	p.users = append(p.users, u)
	return err
}

// djangoTime reads a time as Django writes it to SQLite: in UTC, unless the project has
// USE_TZ=False. It returns the zero time for an invalid text.
func djangoTime(text string) time.Time {
	t, err := time.Parse(time.DateTime, text)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t.Truncate(time.Millisecond)
}
