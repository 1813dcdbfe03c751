package console

import (
	"cmp"
	"slices"
	"strings"

	"pagesession/internal/account"
	"pagesession/internal/text"
)

// changeLabels says which of an entry's fields changed, and from what to what where it knows:
// "email", "superuser (no → yes)".
func changeLabels(e account.Entry, fields []string) []string {
	all := fieldLabels(fields)
	for i, field := range fields {
		at := slices.IndexFunc(e.Changes, func(c account.Change) bool { return c.Field == field })
		if at >= 0 {
			all[i] += " (" + changeInWords(e.Changes[at]) + ")"
		}
	}
	return all
}

func changeInWords(c account.Change) string {
	if c.From != "" || c.To != "" {
		return cmp.Or(c.From, "empty") + " → " + cmp.Or(c.To, "empty")
	}
	var parts []string
	for _, list := range []struct {
		verb  string
		names []string
	}{{"added: ", c.Added}, {"removed: ", c.Removed}} {
		if len(list.names) > 0 {
			parts = append(parts, list.verb+strings.Join(namesInWords(c.Field, list.names), ", "))
		}
	}
	if c.More > 0 {
		parts = append(parts, "and "+text.Number(c.More)+" more")
	}
	return strings.Join(parts, "; ")
}

// namesInWords writes permissions as forms do, and groups as they were called.
func namesInWords(field string, names []string) []string {
	if field != account.FieldPermissions {
		return names
	}
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = account.Permission(name).Label()
	}
	return all
}
