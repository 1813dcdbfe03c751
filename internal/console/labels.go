package console

import (
	"cmp"
	"strconv"
	"strings"

	"pagesession/internal/account"
)

// labels are the fields of forms and audit entries, as people call them.
var labels = map[string]string{
	account.FieldUsername:    "username",
	account.FieldEmail:       "e-mail",
	account.FieldFirstName:   "first name",
	account.FieldLastName:    "last name",
	account.FieldActive:      "active",
	account.FieldStaff:       "staff",
	account.FieldSuperuser:   "superuser",
	account.FieldGroups:      "groups",
	account.FieldPermissions: "permissions",
	account.FieldPassword:    "password",
	account.FieldName:        "name",
}

func fieldLabels(fields []string) []string {
	all := make([]string, len(fields))
	for i, field := range fields {
		all[i] = cmp.Or(labels[field], field)
	}
	return all
}

func userURL(id uint64) string  { return "/admin/users/" + strconv.FormatUint(id, 10) + "/" }
func groupURL(id uint64) string { return "/admin/groups/" + strconv.FormatUint(id, 10) + "/" }

// kindOf is the kind of object that a permission is about.
func kindOf(p account.Permission) account.Kind {
	_, kind, _ := strings.Cut(string(p), "_")
	return account.Kind(kind)
}
