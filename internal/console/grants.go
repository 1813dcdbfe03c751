package console

import (
	"slices"

	"pagesession/internal/account"
)

// A grantRow is one kind of object in the table of permissions, a grant is a box.
type grantRow struct {
	Kind  string
	Cells []grant
}

type grant struct {
	Permission account.Permission
	Label      string
	Checked    bool
	Locked     bool   // the operator does not have it, and cannot give or take it
	Shown      bool   // as a box: it allows something, or is given and can be taken
	Note       string // under the box
}

// unused are the permissions that allow nothing: Django has them, and an import
// brings them along, but the server alone makes sessions and log entries.
var unused = []account.Permission{
	account.AddSession, account.ChangeSession,
	account.AddLogEntry, account.ChangeLogEntry, account.DeleteLogEntry,
}

// grantRows is the table for an operator. byGroup is what the user has from groups.
func grantRows(operator account.User, given, byGroup []account.Permission) []grantRow {
	const verbs = 4 // account.Permissions lists them by kind, in the order of the columns
	var rows []grantRow
	for kind := range slices.Chunk(account.Permissions(), verbs) {
		row := grantRow{Kind: kindOf(kind[0]).Label()}
		for _, p := range kind {
			g := grant{Permission: p, Label: p.Label(), Locked: !operator.Can(p), Checked: slices.Contains(given, p)}
			g.Shown = g.Checked
			switch {
			case slices.Contains(unused, p):
				g.Note = "no effect"
			case slices.Contains(byGroup, p):
				g.Shown, g.Note = true, "from a group"
			default:
				g.Shown = true
			}
			row.Cells = append(row.Cells, g)
		}
		rows = append(rows, row)
	}
	return rows
}

// givenIn reads a form's boxes. Those that the operator cannot change stay.
func givenIn(r *request, before []account.Permission) []account.Permission {
	posted := r.fields(account.FieldPermissions)
	var all []account.Permission
	for _, p := range account.Permissions() {
		kept := !r.user.Can(p) && slices.Contains(before, p)
		if kept || slices.Contains(posted, string(p)) {
			all = append(all, p)
		}
	}
	for _, p := range posted { // the accounts refuse unknown permissions
		if !slices.Contains(account.Permissions(), account.Permission(p)) {
			all = append(all, account.Permission(p))
		}
	}
	return all
}

// covers reports whether an operator has all of these permissions.
func covers(operator account.User, permissions []account.Permission) bool {
	return !slices.ContainsFunc(permissions, func(p account.Permission) bool { return !operator.Can(p) })
}

func permissionLabels(permissions []account.Permission) []string {
	var all []string
	for _, p := range permissions {
		all = append(all, p.Label())
	}
	return all
}
