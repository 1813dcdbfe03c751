package account

// A naming is a column of unique names, and the form in which they are compared.
type naming struct {
	table, column string
	normal        func(string) string
}

func usernames() naming  { return naming{"users", "username", normalUsername} }
func groupNames() naming { return naming{"groups", "name", normalName} }

// idOf returns the id of the row whose name has the same normal form, or 0. It prefers the
// name that is stored in that form.
//
// New names are stored in their normal form. Names of an earlier version, and those that
// other programs wrote, may be in another one; of several that are equal, idOf finds the
// oldest. It reads them for each name, known or not, so a sign-in takes the same time.
func (t tx) idOf(n naming, name string) uint64 {
	normal := n.normal(name)
	id, irregular := t.id("SELECT id FROM "+n.table+" WHERE "+n.column+" = $1", normal), t.irregular(n)[normal]
	if id == 0 {
		return irregular
	}
	return id
}

// irregular returns the rows whose names are not in their normal form, by that form. It reads
// them once in a transaction; ASCII, whose characters have one byte each, is always normal.
func (t tx) irregular(n naming) map[string]uint64 {
	if all, known := t.out.irregular[n.table]; known {
		return all
	}
	all := map[string]uint64{}
	t.each("SELECT id, "+n.column+" FROM "+n.table+" WHERE octet_length("+n.column+") > length("+n.column+") ORDER BY id DESC", nil, func(scan func(...any)) {
		var id uint64
		var name string
		scan(&id, &name)
		if normal := n.normal(name); normal != name {
			all[normal] = id
		}
	})
	if t.out.irregular == nil {
		t.out.irregular = map[string]map[string]uint64{}
	}
	t.out.irregular[n.table] = all
	return all
}

// named returns the user with this username, or nil.
func (t tx) named(username string) *member { return t.member(t.idOf(usernames(), username)) }
