package account

import (
	"fmt"
	"slices"
	"strings"
)

// cleanUser returns a user in normal form, and all mistakes in their fields.
func (t tx) cleanUser(u User) (User, ValidationErrors) {
	wrong := ValidationErrors{}
	u.Username = normalUsername(strings.TrimSpace(u.Username))
	u.Email = normalEmail(u.Email)
	u.FirstName, u.LastName = normalName(u.FirstName), normalName(u.LastName)
	wrong.add(FieldUsername, checkUsername(u.Username)...)
	if id := t.idOf(usernames(), u.Username); id != 0 && id != u.ID {
		wrong.add(FieldUsername, takenUsername)
	}
	wrong.add(FieldEmail, checkEmail(u.Email)...)
	wrong.add(FieldFirstName, checkText(u.FirstName, longestName)...)
	wrong.add(FieldLastName, checkText(u.LastName, longestName)...)
	wrong.add(FieldGroups, t.checkGroups(u.Groups)...)
	wrong.add(FieldPermissions, checkPermissions(u.Permissions)...)
	u.Groups = slices.Compact(slices.Sorted(slices.Values(u.Groups))) // nil if there are none, so lists can be compared
	u.Permissions = setOf(u.Permissions).list()
	return u, wrong
}

func (t tx) cleanGroup(g Group) (Group, ValidationErrors) {
	wrong := ValidationErrors{}
	g.Name = normalName(g.Name)
	wrong.add(FieldName, checkName(g.Name)...)
	if id := t.idOf(groupNames(), g.Name); id != 0 && id != g.ID {
		wrong.add(FieldName, takenGroup)
	}
	wrong.add(FieldPermissions, checkPermissions(g.Permissions)...)
	g.Permissions = setOf(g.Permissions).list()
	return g, wrong
}

// checkGroups returns a message about the first unknown group. Only the first, because
// there may be thousands.
func (t tx) checkGroups(ids []uint64) []string {
	for _, id := range ids {
		if t.row("SELECT id FROM groups WHERE id = $1", []any{id}, new(uint64)) {
			continue
		}
		return []string{fmt.Sprintf(noSuchChoice, fmt.Sprint(id))}
	}
	return nil
}

// checkPermissions returns a message about the first unknown permission. It shows at most
// 40 characters of the input.
func checkPermissions(list []Permission) []string {
	for _, p := range list {
		if bit(p) == 0 {
			return []string{fmt.Sprintf(noSuchChoice, fmt.Sprintf("%.40q", string(p)))}
		}
	}
	return nil
}

// Differences returns the names of the fields, of those that operators edit, in which u
// and old differ. It returns nil if they are the same.
func (u User) Differences(old User) (names []string) {
	differ := func(name string, yes bool) {
		if yes {
			names = append(names, name)
		}
	}
	differ(FieldUsername, u.Username != old.Username)
	differ(FieldEmail, u.Email != old.Email)
	differ(FieldFirstName, u.FirstName != old.FirstName)
	differ(FieldLastName, u.LastName != old.LastName)
	differ(FieldActive, u.Active != old.Active)
	differ(FieldStaff, u.Staff != old.Staff)
	differ(FieldSuperuser, u.Superuser != old.Superuser)
	differ(FieldGroups, !slices.Equal(u.Groups, old.Groups))
	differ(FieldPermissions, !slices.Equal(u.Permissions, old.Permissions))
	return names
}

// Differences returns the names of the fields, of those that operators edit, in which g
// and old differ. It returns nil if they are the same.
func (g Group) Differences(old Group) (names []string) {
	if g.Name != old.Name {
		names = append(names, FieldName)
	}
	if !slices.Equal(g.Permissions, old.Permissions) {
		names = append(names, FieldPermissions)
	}
	return names
}
