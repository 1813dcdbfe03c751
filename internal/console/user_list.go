package console

import (
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
)

type userListPage struct {
	frame
	Search  string
	Wrong   string // what is wrong with the search
	Keep    []pair // what the search form sends along
	Groups  []option
	Filters []filter
	Clear   string // address of the list without search and filters; "": there are none
	Columns []column
	Pager   pager
	Users   []userRow

	CanAdd, CanDelete bool
}

type userRow struct {
	account.User
	URL string
}

// userHeadings are the columns that sort, as the page shows them.
var userHeadings = []heading{
	{name: string(account.SortUsername), title: "Username"},
	{name: string(account.SortEmail), title: "Email", class: "wide"},
	{name: string(account.SortFirstName), title: "First name", class: "wide"},
	{name: string(account.SortLastName), title: "Last name", class: "wide"},
	{name: string(account.SortActive), title: "Active"},
	{name: string(account.SortStaff), title: "Staff", class: "mid"},
	{name: string(account.SortSuperuser), title: "Superuser"},
	{title: "Second factor", class: "mid"},
	{name: string(account.SortLastLogin), title: "Last sign-in", class: "wide"},
}

// noGroup is the value of the parameter for users without a group.
const noGroup = "none"

// A userListing is the list of users as an address asks for it.
type userListing struct {
	listing
	query account.UserQuery
}

// readUserListing reads the address. It ignores values that it does not know.
func readUserListing(r *request) userListing {
	l := userListing{listing: newListing("/admin/users/")}
	l.query = account.UserQuery{
		Search: l.keep(searchParameter, r.asked(searchParameter)),
		Active: l.flag(r, "active"), Staff: l.flag(r, "staff"), Superuser: l.flag(r, "superuser"),
		Group: l.group(r.query("group")), Limit: rowsOnPage,
	}
	order, descending := l.sort(r, userHeadings, string(account.SortUsername))
	l.query.Sort, l.query.Descending = account.UserSort(order), descending
	return l
}

func (l userListing) flag(r *request, name string) account.Choice {
	value := r.query(name)
	choice, ok := map[string]account.Choice{"yes": account.Yes, "no": account.No}[value]
	if ok {
		l.keep(name, value)
	}
	return choice
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

// userList answers GET /admin/users/.
func (s *console) userList(r *request) error {
	l := readUserListing(r)
	wrong := wrongSearch(l.query.Search)
	if wrong != "" { // the list is shown without the search
		r.Status(fiber.StatusBadRequest)
		l.query.Search = ""
		l.values.Del(searchParameter)
	}
	var found account.UserPage
	pager, err := l.find(pageAsked(r), func(offset int) (rows, total int, err error) {
		l.query.Offset = offset
		found, err = s.Accounts.Users(r.UserContext(), l.query)
		return len(found.Users), found.Total, err
	})
	if err != nil {
		return err
	}
	groups, err := s.groupOptions(r, l, found.Counts)
	if err != nil {
		return err
	}
	p := &userListPage{
		frame: s.frame(r, "Users"), Search: l.query.Search, Wrong: wrong, Keep: l.without(searchParameter, "group"),
		Groups: groups, Filters: l.filters(found.Counts), Clear: l.clear(),
		Columns: l.columns(userHeadings), Pager: pager,
		CanAdd: r.user.Can(account.AddUser), CanDelete: r.user.Can(account.DeleteUser),
	}
	for _, u := range found.Users {
		p.Users = append(p.Users, userRow{u, userURL(u.ID)})
	}
	return s.render(r, "user_list", p)
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
	return filter{Title: title, Name: name, Options: []option{
		{Title: "All", URL: l.with(name, ""), Count: n.Yes + n.No, Current: now == account.Any},
		{Title: "Yes", URL: l.with(name, "yes"), Count: n.Yes, Current: now == account.Yes},
		{Title: "No", URL: l.with(name, "no"), Count: n.No, Current: now == account.No},
	}}
}

// groupOptions are the groups of the users that the other filters leave.
func (s *console) groupOptions(r *request, l userListing, n account.UserCounts) ([]option, error) {
	found, err := s.Accounts.Groups(r.UserContext(), account.GroupQuery{})
	if err != nil {
		return nil, err
	}
	var all []option
	for _, g := range found.Groups {
		if n.Groups[g.ID] > 0 || l.query.Group == g.ID {
			all = append(all, option{Title: g.Name, Value: strconv.FormatUint(g.ID, 10), Count: n.Groups[g.ID], Current: l.query.Group == g.ID})
		}
	}
	none := option{Title: "No group", Value: noGroup, Count: n.Groups[account.NoGroup], Current: l.query.Group == account.NoGroup}
	if len(all) == 0 && !none.Current {
		return nil, nil
	}
	return slices.Insert(all, 0, none), nil
}
