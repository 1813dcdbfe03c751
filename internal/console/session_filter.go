package console

import (
	"unicode/utf8"

	"pagesession/internal/account"
	"pagesession/session"
	"pagesession/storage/record"
)

// Parameters of the list for sessions that have exactly one value: by says of what.
const (
	byParameter = "by"
	isParameter = "is"
)

// An alike is one value that sessions have in common. The zero alike is none.
type alike struct {
	by, is string
	match  func(value string) bool
}

// The values of by, and how a sentence names the sessions: "Sessions with the address 192.0.2.7".
var alikes = map[string]struct {
	field, says string
	match       func(is string) func(value string) bool
}{
	"name":    {account.FieldName, "with the name", isNamed},
	"address": {account.FieldAddress, "with the address", hasAddress},
	"browser": {account.FieldBrowser, "with the browser", hasAgent},
}

// alikeOf reads the address. What it does not know, and a text that is too long, is none.
func alikeOf(by, is string) alike {
	kind, known := alikes[by]
	if !known || is == "" || utf8.RuneCountInString(is) > maxSearch {
		return alike{}
	}
	return alike{by, is, kind.match(is)}
}

// isNamed is for sessions whose whole name this is.
func isNamed(name string) func(value string) bool {
	has := session.Search(name) // decodes few values
	return func(value string) bool {
		if !has(value) {
			return false
		}
		info, err := session.Describe(value)
		return err == nil && info.Values.String(nameKey) == name
	}
}

// hasAddress is for sessions with this address or network, as it is written there.
func hasAddress(address string) func(value string) bool {
	return func(value string) bool { return session.ClientInfoOf(value).Address == address }
}

// hasAgent is for sessions with this whole User-Agent.
func hasAgent(agent string) func(value string) bool {
	return func(value string) bool { return session.ClientInfoOf(value).Agent == agent }
}

// and returns a Match that also asks for what sessions have in common.
func (a alike) and(match func(string) bool) func(string) bool {
	switch {
	case a.match == nil:
		return match
	case match == nil:
		return a.match
	}
	return func(value string) bool { return a.match(value) && match(value) }
}

// Says is "with the address 192.0.2.7"; "" for none.
func (a alike) Says() string {
	if a.match == nil {
		return ""
	}
	return alikes[a.by].says + " “" + a.is + "”"
}

// alikeURL is the list of sessions that have a value in common.
func alikeURL(by, is string) string {
	return newListing(sessionsPath).with(byParameter, by, isParameter, is)
}

// audited is what a query of the list looks for, for the audit log. The list of all live sessions
// has nothing.
func (l *sessionListing) audited(query record.Query) (filter []account.Change) {
	search := account.FieldSearch
	if query.Prefix != "" {
		search = account.FieldFingerprint
	}
	for _, c := range []account.Change{
		{Field: search, To: l.search}, {Field: account.FieldState, To: l.stateAudited()}, {Field: alikes[l.alike.by].field, To: l.alike.is},
	} {
		if c.To != "" {
			filter = append(filter, c)
		}
	}
	return filter
}

func (l *sessionListing) stateAudited() string {
	if l.state.name == "" {
		return ""
	}
	return l.state.title
}

// An alikeLink leads to the sessions that have a value in common with one.
type alikeLink struct {
	Says, List string
	End        string // where they are ended; "" for an operator who may not
}

// alike returns what other sessions may have in common with this one.
func (row *sessionRow) alike(mayEnd bool) (all []alikeLink) {
	for _, of := range []struct{ by, is, says string }{
		{"name", row.Name, "Named " + row.Name}, {"address", row.Address, "From " + row.Address}, {"browser", row.Agent, "With this browser"},
	} {
		if alikeOf(of.by, of.is).match == nil {
			continue
		}
		link := alikeLink{Says: of.says, List: alikeURL(of.by, of.is)}
		if mayEnd {
			link.End = newListing(matchingPath).with(byParameter, of.by, isParameter, of.is)
		}
		all = append(all, link)
	}
	return all
}
