package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"pagesession/internal/account"
)

// A userListing is the list of users as an address asks for it.
type userListing struct {
	listing
	query account.UserQuery
	page  int
}

// userColumns are the columns that sort, as the page shows them.
var userColumns = []struct {
	title, class string
	sort         account.UserSort
}{
	{"Username", "", account.SortUsername},
	{"E-mail", "wide", account.SortEmail},
	{"First name", "wide", account.SortFirstName},
	{"Last name", "wide", account.SortLastName},
	{"Active", "", account.SortActive},
	{"Staff", "mid", account.SortStaff},
	{"Superuser", "", account.SortSuperuser},
	{"Last login", "wide", account.SortLastLogin},
}

// noGroup is the value of the parameter for users without a group.
const noGroup = "none"

// readUserListing reads the address. What it does not know it takes for not set.
func readUserListing(v *visit) userListing {
	l := userListing{listing: listing{"/admin/users/", url.Values{}}, page: pageAsked(v.query(pageParameter))}
	l.query = account.UserQuery{
		Search: l.keep("q", v.asked("q")),
		Active: l.flag(v, "active"), Staff: l.flag(v, "staff"), Superuser: l.flag(v, "superuser"),
		Group: l.group(v.query("group")), Limit: rowsOnPage,
	}
	l.query.Sort, l.query.Descending = l.order(v.query("o"))
	return l
}

// keep puts a parameter that is not empty into the list's links.
func (l userListing) keep(name, value string) string {
	if value != "" {
		l.values.Set(name, value)
	}
	return value
}

func (l userListing) flag(v *visit, name string) account.Choice {
	switch value := v.query(name); value {
	case "yes":
		l.keep(name, value)
		return account.Yes
	case "no":
		l.keep(name, value)
		return account.No
	default:
		return account.Any
	}
}

func (l userListing) group(value string) uint64 {
	if value == noGroup {
		l.keep("group", value)
		return account.NoGroup
	}
	if ids := numbers([]string{value}); len(ids) == 1 && ids[0] != account.NoGroup {
		l.keep("group", value)
		return ids[0]
	}
	return 0
}

// order reads a column's name, with a "-" before it for the other way round.
func (l userListing) order(value string) (account.UserSort, bool) {
	name, descending := strings.CutPrefix(value, "-")
	for _, c := range userColumns {
		if name == string(c.sort) {
			l.keep("o", value)
			return c.sort, descending
		}
	}
	return account.SortUsername, false
}

func (l userListing) columns() []column {
	var all []column
	for _, c := range userColumns {
		col := column{Title: c.title, Class: c.class, URL: l.with("o", string(c.sort))}
		if c.sort == l.query.Sort {
			if col.Sort = "ascending"; l.query.Descending {
				col.Sort = "descending"
			} else {
				col.URL = l.with("o", "-"+string(c.sort))
			}
		}
		all = append(all, col)
	}
	return all
}

// filters are the flags' links, with how many users each would show.
func (l userListing) filters(n account.UserCounts) []filter {
	return []filter{
		l.byFlag("Active", "active", l.query.Active, n.Active),
		l.byFlag("Staff", "staff", l.query.Staff, n.Staff),
		l.byFlag("Superuser", "superuser", l.query.Superuser, n.Superuser),
	}
}

func (l userListing) byFlag(title, name string, now account.Choice, n account.FlagCount) filter {
	return filter{Title: title, Name: name, Choices: []choice{
		{Title: "All", URL: l.with(name, ""), Count: n.Yes + n.No, Current: now == account.Any},
		{Title: "Yes", URL: l.with(name, "yes"), Count: n.Yes, Current: now == account.Yes},
		{Title: "No", URL: l.with(name, "no"), Count: n.No, Current: now == account.No},
	}}
}

// groupChoices are the groups to choose from: those with members among the users that
// the other filters leave, and the one that is chosen.
func (s *console) groupChoices(l userListing, n account.UserCounts) []choice {
	var all []choice
	for _, g := range s.Accounts.Groups(account.GroupQuery{}).Groups {
		if n.Groups[g.ID] > 0 || l.query.Group == g.ID {
			all = append(all, choice{Title: g.Name, Value: strconv.FormatUint(g.ID, 10), Count: n.Groups[g.ID], Current: l.query.Group == g.ID})
		}
	}
	none := choice{Title: "No group", Value: noGroup, Count: n.Groups[account.NoGroup], Current: l.query.Group == account.NoGroup}
	if len(all) == 0 && !none.Current {
		return nil
	}
	return slices.Insert(all, 0, none)
}
