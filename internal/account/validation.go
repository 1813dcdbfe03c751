package account

import (
	"maps"
	"slices"
	"strings"
)

// Fields of forms and of audit entries, with Django's names.
const (
	FieldUsername    = "username"
	FieldEmail       = "email"
	FieldFirstName   = "first_name"
	FieldLastName    = "last_name"
	FieldActive      = "is_active"
	FieldStaff       = "is_staff"
	FieldSuperuser   = "is_superuser"
	FieldGroups      = "groups"
	FieldPermissions = "permissions" // of a user or of a group
	FieldPassword    = "password"
	FieldName        = "name" // of a group
	FieldOldPassword = "old"  // the actor's current password; see Confirm
)

// ValidationErrors has messages in English sentences for each invalid field. Find it with
// errors.As.
type ValidationErrors map[string][]string

// Error returns all messages in the order of the fields' names.
func (v ValidationErrors) Error() string {
	var all []string
	for _, field := range slices.Sorted(maps.Keys(v)) {
		all = append(all, field+": "+strings.Join(v[field], " "))
	}
	return strings.Join(all, " ")
}

// add appends messages to a field. Without a message it leaves v unchanged.
func (v ValidationErrors) add(field string, messages ...string) {
	if len(messages) > 0 {
		v[field] = append(v[field], messages...)
	}
}

// orNil returns v as an error, or nil if it is empty.
func (v ValidationErrors) orNil() error {
	if len(v) == 0 {
		return nil
	}
	return v
}
