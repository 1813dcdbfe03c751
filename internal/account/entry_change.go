package account

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A Change is what an audit entry says of a field that changed. It has the values of fields
// that decide what people may do, and the names of groups. Of a person's names and e-mail
// address it has only Field, so the audit log does not keep what a person took back.
type Change struct {
	Field   string   `json:"field"`
	From    string   `json:"from,omitempty"` // "yes" or "no", or the name of a group
	To      string   `json:"to,omitempty"`
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"` // as Added: permissions, or the names of groups
	More    int      `json:"more,omitempty"`    // how many of both are left out; without them, how many characters of To
}

// mostNamed bounds the groups that a change names, so a million entries fit. There are fewer
// permissions than that.
const mostNamed = 40

// changesOf returns what differs between two states of a user.
func (c *change) changesOf(old, u User) (all []Change) {
	for _, field := range u.Differences(old) {
		one := Change{Field: field}
		switch field {
		case FieldActive:
			one.From, one.To = yesOrNo(old.Active), yesOrNo(u.Active)
		case FieldStaff:
			one.From, one.To = yesOrNo(old.Staff), yesOrNo(u.Staff)
		case FieldSuperuser:
			one.From, one.To = yesOrNo(old.Superuser), yesOrNo(u.Superuser)
		case FieldPermissions:
			one = changedList(field, old.Permissions, u.Permissions, permissionName)
		case FieldGroups:
			one = changedList(field, old.Groups, u.Groups, c.groupName)
		}
		all = append(all, one)
	}
	return all
}

// grantsOf returns what a new user may do.
func (c *change) grantsOf(u User) []Change {
	return slices.DeleteFunc(c.changesOf(User{Active: true}, u), func(one Change) bool { return !one.hasValues() })
}

// changesOfGroup is changesOf for a group.
func changesOfGroup(old, g Group) (all []Change) {
	for _, field := range g.Differences(old) {
		if field == FieldPermissions {
			all = append(all, changedList(field, old.Permissions, g.Permissions, permissionName))
		} else {
			all = append(all, Change{Field: field, From: cutText(old.Name), To: cutText(g.Name)})
		}
	}
	return all
}

// changedList says what a list has lost and won.
func changedList[T comparable](field string, old, now []T, name func(T) string) Change {
	one := Change{Field: field}
	one.Added, one.More = missingFrom(old, now, name, mostNamed)
	removed, more := missingFrom(now, old, name, mostNamed-len(one.Added))
	one.Removed, one.More = removed, one.More+more
	return one
}

// missingFrom names the values of all that list lacks, at most most, and counts the others.
func missingFrom[T comparable](list, all []T, name func(T) string, most int) (names []string, more int) {
	for _, value := range all {
		switch {
		case slices.Contains(list, value):
		case len(names) == most:
			more++
		default:
			names = append(names, cutText(name(value)))
		}
	}
	return names, more
}

func permissionName(p Permission) string { return string(p) }

func (c *change) groupName(id uint64) string {
	if g := c.group(id); g != nil {
		return g.Name
	}
	return "#" + strconv.FormatUint(id, 10)
}

func yesOrNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func (one Change) hasValues() bool {
	return one.From != "" || one.To != "" || len(one.Added)+len(one.Removed) > 0
}

// withChanges returns the event with changes and the names of their fields.
func (e Event) withChanges(all []Change) Event {
	for _, one := range all {
		e.Fields = append(e.Fields, one.Field)
		if one.hasValues() {
			e.Changes = append(e.Changes, one)
		}
	}
	return e
}

// fieldsColumn writes the fields of an entry, and behind a field its values (ADR 0063):
//
//	email,is_superuser=no>yes,permissions+view_user,permissions-delete_user,groups~12
//
// Values are escaped as in a query, so they have none of these marks.
func fieldsColumn(e Event) string {
	var parts []string
	for _, field := range e.Fields {
		at := slices.IndexFunc(e.Changes, func(one Change) bool { return one.Field == field })
		if at < 0 {
			parts = append(parts, field)
			continue
		}
		parts = append(parts, e.Changes[at].parts()...)
	}
	return strings.Join(parts, ",")
}

func (one Change) parts() (all []string) {
	if one.From != "" || one.To != "" {
		all = append(all, one.Field+"="+url.QueryEscape(one.From)+">"+url.QueryEscape(one.To))
	}
	for _, name := range one.Added {
		all = append(all, one.Field+"+"+url.QueryEscape(name))
	}
	for _, name := range one.Removed {
		all = append(all, one.Field+"-"+url.QueryEscape(name))
	}
	if one.More > 0 {
		all = append(all, one.Field+"~"+strconv.Itoa(one.More))
	}
	return all
}

// readFields is the reverse of fieldsColumn. A part that it does not know is a field's name.
func (e *Event) readFields(column string) {
	changes := map[string]Change{}
	for part := range strings.SplitSeq(column, ",") {
		field := part
		if at := strings.IndexAny(part, "=+-~"); at > 0 {
			field = part[:at]
			one := changes[field]
			one.Field = field
			one.read(part[at], part[at+1:])
			changes[field] = one
		}
		if field != "" && !slices.Contains(e.Fields, field) {
			e.Fields = append(e.Fields, field)
		}
	}
	for _, field := range e.Fields {
		if one, ok := changes[field]; ok {
			e.Changes = append(e.Changes, one)
		}
	}
}

func (one *Change) read(mark byte, rest string) {
	switch mark {
	case '+':
		one.Added = append(one.Added, unescaped(rest))
	case '-':
		one.Removed = append(one.Removed, unescaped(rest))
	case '~':
		one.More, _ = strconv.Atoi(rest) // 0 in a damaged entry
	default:
		from, to, _ := strings.Cut(rest, ">")
		one.From, one.To = unescaped(from), unescaped(to)
	}
}

// unescaped returns a value, or what a damaged entry has in its place.
func unescaped(value string) string {
	if plain, err := url.QueryUnescape(value); err == nil {
		return strings.ToValidUTF8(plain, "")
	}
	return value
}
