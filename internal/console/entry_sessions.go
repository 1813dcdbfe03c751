package console

import (
	"cmp"
	"strconv"
	"strings"

	"pagesession/internal/account"
	"pagesession/internal/text"
	"pagesession/storage/record"
)

// isFiltered reports whether an entry is about sessions that were found by a filter.
func isFiltered(e account.Entry) bool {
	switch e.Action {
	case account.ActionRevokeBegin, account.ActionRevokeMatch:
		return true
	case account.ActionExport:
		return e.Kind == account.KindSession && len(e.Changes) > 0
	}
	return false
}

// filteredDid says what was done to the sessions that a filter found.
func filteredDid(e account.Entry) string {
	switch e.Action {
	case account.ActionRevokeBegin:
		if found, known := foundIn(e); known {
			return "began to end " + text.Plural(found, "session")
		}
		return "began to end sessions"
	case account.ActionRevokeMatch:
		switch found, known := foundIn(e); {
		case isCutOff(e):
			return "ended sessions"
		case known && found > e.Count:
			return "ended " + text.Number(e.Count) + " of " + text.Plural(found, "session")
		}
		return "ended " + text.Plural(e.Count, "session")
	default:
		return "exported the data of " + objects(e)
	}
}

// isCutOff reports whether an entry was written by a later process, which cannot know how many
// sessions have ended.
func isCutOff(e account.Entry) bool {
	return e.Count == 0 && strings.HasPrefix(changeOf(e, account.FieldOutcome).To, "cut off")
}

func foundIn(e account.Entry) (n int, known bool) {
	n, err := strconv.Atoi(changeOf(e, account.FieldFound).To)
	return n, err == nil
}

func changeOf(e account.Entry, field string) account.Change {
	for _, c := range e.Changes {
		if c.Field == field {
			return c
		}
	}
	return account.Change{}
}

// filteredMore says which sessions those are.
func filteredMore(e account.Entry) string {
	more := ": " + filterInWords(e.Changes)
	if of := changeOf(e, account.FieldServer).To; of != "" {
		more += "; on server " + of
	}
	if why := changeOf(e, account.FieldOutcome).To; why != "" {
		more += "; " + why
	}
	if c := changeOf(e, account.FieldSessions); len(c.Added) > 0 {
		more += "; " + strings.Join(c.Added, ", ")
		if c.More > 0 {
			more += " and " + text.Number(c.More) + " more"
		}
	}
	return more
}

// filterFields are what a list can look for, in words.
var filterFields = []struct{ field, says string }{
	{account.FieldSearch, "search"}, {account.FieldFingerprint, "fingerprint"}, {account.FieldState, "state"}, {account.FieldName, "name"},
	{account.FieldAddress, "address"}, {account.FieldBrowser, "browser"},
}

// filterInWords says what a filter looks for.
func filterInWords(filter []account.Change) string {
	var all []string
	e := account.Entry{Event: account.Event{Changes: filter}}
	for _, f := range filterFields {
		if c := changeOf(e, f.field); c.Field != "" {
			all = append(all, soughtInWords(f.says, c))
		}
	}
	return cmp.Or(strings.Join(all, ", "), "all live sessions")
}

// soughtInWords says what a part of a filter looks for: a text of any length, of which the audit
// log may have the beginning. Eight digits are a fingerprint, more are of a handle.
func soughtInWords(says string, c account.Change) string {
	if c.To == "" { // see control.EndingState
		return says + " (erased)"
	}
	if c.Field == account.FieldFingerprint && len(c.To) > len(record.Handle{}.Fingerprint()) {
		says = "handle"
	}
	says += " “" + c.To + "”"
	if c.More > 0 {
		says += " and " + text.Plural(c.More, "more character", "more characters")
	}
	return says
}
