package account

import (
	"strconv"
	"strings"
)

// A tableName is a table of schema.sql.
type tableName string

// The tables, in an order in which rows can be inserted.
const (
	tableMeta             tableName = "meta"
	tableCounters         tableName = "counters"
	tableGroups           tableName = "groups"
	tableGroupPermissions tableName = "group_permissions"
	tableUsers            tableName = "users"
	tableUserGroups       tableName = "user_groups"
	tableUserPermissions  tableName = "user_permissions"
	tableEntries          tableName = "entries"
)

// columns are all columns of a table. Rows are in the order of the first keys of them.
func (n tableName) columns() (all []string, keys int) {
	list, keys := "name, value", 1
	switch n {
	case tableCounters:
		list = "name, last"
	case tableGroups:
		list = "id, name, version"
	case tableGroupPermissions:
		list, keys = "group_id, permission", 2
	case tableUsers:
		list = "id, username, email, first_name, last_name, hash, active, staff, superuser, last_login, joined, epoch, version"
	case tableUserGroups:
		list, keys = "user_id, group_id", 2
	case tableUserPermissions:
		list, keys = "user_id, permission", 2
	case tableEntries:
		list = "id, at, actor_id, actor, address, via, action, kind, object_id, object, fields, count"
	}
	return strings.Split(list, ", "), keys
}

// A batch collects rows for a table, because one statement for each would take minutes
// over a network.
type batch struct {
	table tableName
	rows  int
	args  []any
}

// batchRows are few, because SQLite searches all arguments of a statement for each one:
// 500 rows at once take 40 times as long for each row as 20 do.
const batchRows = 20

// add adds a row with all columns of a table, and writes a full batch.
func (b *batch) add(t tx, table tableName, row []any) error {
	if b.table != table || b.rows == batchRows {
		if err := b.flush(t); err != nil {
			return err
		}
		b.table = table
	}
	b.rows++
	b.args = append(b.args, row...)
	return nil
}

// flush writes the rows.
func (b *batch) flush(t tx) error {
	if b.rows == 0 {
		return nil
	}
	columns, _ := b.table.columns()
	err := t.exec("INSERT INTO "+string(b.table)+" ("+strings.Join(columns, ", ")+") VALUES "+placeholders(b.rows, len(columns)), b.args...)
	b.rows, b.args = 0, nil
	return err
}

// placeholders returns "($1, $2), ($3, $4)" for two rows of two columns.
func placeholders(rows, columns int) string {
	var all []byte
	for n := range rows * columns {
		switch {
		case n == 0:
			all = append(all, '(')
		case n%columns == 0:
			all = append(all, "), ("...)
		default:
			all = append(all, ", "...)
		}
		all = strconv.AppendInt(append(all, '$'), int64(n+1), 10)
	}
	return string(append(all, ')'))
}
