package account

import (
	"strconv"
	"strings"
)

// The columns of the wide tables, in the order of userRow and entryRow.
const (
	userColumns  = "id, username, email, first_name, last_name, hash, active, staff, superuser, last_login, joined, epoch, version"
	entryColumns = "id, at, actor_id, actor, address, via, action, kind, object_id, object, fields, count"
)

func userRow(u User, hash string) []any {
	return []any{
		u.ID, u.Username, u.Email, u.FirstName, u.LastName, hash, u.Active, u.Staff, u.Superuser, u.LastLogin, u.Joined.UnixMicro(), u.Epoch, u.Version,
	}
}

func entryRow(e Entry) []any {
	return []any{
		e.Seq, e.At.UnixMicro(), e.Actor.UserID, e.Actor.Name, e.Actor.Address, e.Actor.Via,
		e.Action, e.Kind, e.ObjectID, e.Object, fieldsColumn(e.Event), e.Count,
	}
}

// A table is a table of the schema with all its columns.
type table struct {
	name, columns string
	key           string // the columns that order the rows
}

var passkeysTable = table{"passkeys", passkeyColumns, "credential"}

var entriesTable = table{"entries", entryColumns, "id"}

// tables returns all tables but entries, in an order in which rows can be inserted.
func tables() []table {
	return []table{
		{"meta", "name, value", "name"},
		{"counters", "name, last", "name"},
		{"groups", "id, name, version", "id"},
		{"group_permissions", "group_id, permission", "group_id, permission"},
		{"users", userColumns, "id"},
		{"user_groups", "user_id, group_id", "user_id, group_id"},
		{"user_permissions", "user_id, permission", "user_id, permission"},
		{"totp", "user_id, secret, step, added", "user_id"},
		{"recovery_codes", "user_id, hash", "user_id, hash"},
		{"wrong_codes", "user_id, count", "user_id"},
		passkeysTable,
	}
}

// width returns the number of columns.
func (of table) width() int { return strings.Count(of.columns, ",") + 1 }

// insert returns the statement that inserts so many rows, with ($1, $2), ($3, $4) for two
// rows of two columns.
func (of table) insert(rows int) string {
	values := make([]string, rows)
	for i := range values {
		row := make([]string, of.width())
		for j := range row {
			row[j] = "$" + strconv.Itoa(i*len(row)+j+1)
		}
		values[i] = "(" + strings.Join(row, ", ") + ")"
	}
	return "INSERT INTO " + of.name + " (" + of.columns + ") VALUES " + strings.Join(values, ", ")
}

// A source calls do with each row of a table, all columns.
type source func(of table, do func(row []any)) error

// batchRows is how many rows one statement of a copy inserts. One for each row would take
// minutes over a network. They are few, because SQLite searches all arguments of a
// statement for each one: 500 rows at once take 40 times as long for each row as 20 do.
const batchRows = 20

// copyRows inserts the rows of a source into a table, and returns their number and the error
// of the source.
func (t tx) copyRows(into table, from source) (n int, err error) {
	var args []any
	flush := func() {
		if len(args) > 0 {
			t.exec(into.insert(len(args)/into.width()), args...)
			args = nil
		}
	}
	err = from(into, func(row []any) {
		args = append(args, row...)
		if n++; n%batchRows == 0 {
			flush()
		}
	})
	flush()
	return n, err
}

// replace makes tables have the rows of a source.
func (t tx) replace(all []table, from source) error {
	for _, into := range all {
		t.exec("DELETE FROM " + into.name)
		if _, err := t.copyRows(into, from); err != nil {
			return err
		}
	}
	return t.out.err
}

// rows is the source of a table's rows; end is the end of the query.
func (t tx) rows(of table, end string, args []any, do func([]any)) error {
	t.each("SELECT "+of.columns+" FROM "+of.name+" "+end, args, func(scan func(...any)) {
		row, into := make([]any, of.width()), make([]any, of.width())
		for i := range row {
			into[i] = &row[i]
		}
		scan(into...)
		do(row)
	})
	return t.out.err // for the other database, which must not commit half of a table
}
