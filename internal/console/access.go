package console

import (
	"slices"

	"pagesession/internal/account"
)

// An access is what an operator has to be to be let in.
type access struct {
	level       level
	permissions []account.Permission // one of them is enough
}

type level uint8

const (
	onlySuperuser  level = iota // the zero value
	withPermission              // staff who have one of the permissions
	anyStaff
	everyone // also those who have not logged in
)

var (
	staff  = access{level: anyStaff}
	public = access{level: everyone}
)

// Operators who may change users or groups may look at them, too.
var (
	seeUsers  = can(account.ViewUser, account.ChangeUser)
	seeGroups = can(account.ViewGroup, account.ChangeGroup)
)

// can is the access of a permission, as account names it, or of one of several.
func can(oneOf ...account.Permission) access {
	return access{level: withPermission, permissions: oneOf}
}

// admits tells whether an operator has the access.
func (a access) admits(u account.User) bool {
	switch a.level {
	case everyone:
		return true
	case anyStaff:
		return u.Staff
	case withPermission:
		return slices.ContainsFunc(a.permissions, u.Can)
	default:
		return u.Superuser
	}
}
