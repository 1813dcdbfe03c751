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

// grantRows is the table for an operator. byGroup is what the user has from groups.
func grantRows(operator account.User, given, byGroup []account.Permission) []grantRow {
	offered := account.Offered()
	var rows []grantRow
	for _, kind := range []account.Kind{account.KindSession, account.KindConsole, account.KindUser, account.KindGroup, account.KindLogEntry, account.KindWall} {
		row := grantRow{Kind: kind.Label()}
		for _, verb := range []string{"view", "add", "change", "delete"} { // the columns
			p := account.Permission(verb + "_" + string(kind))
			g := grant{Permission: p, Label: p.Label(), Locked: !operator.Can(p), Checked: slices.Contains(given, p)}
			g.Shown = g.Checked
			switch {
			case !slices.Contains(offered, p):
				g.Note = noEffect
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

// permissionLabels names what a user or a group may do.
func permissionLabels(permissions []account.Permission) []string {
	var all []string
	for _, p := range permissions {
		label := p.Label()
		if !slices.Contains(account.Offered(), p) {
			label += " (" + noEffect + ")"
		}
		all = append(all, label)
	}
	return all
}

// noEffect marks a permission that came with an import and allows nothing.
const noEffect = "no effect"
