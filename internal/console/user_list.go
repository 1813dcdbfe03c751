package console

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
)

type userListPage struct {
	page
	Search  string
	Wrong   string // what is wrong with the search
	Keep    []pair // what the search form sends along
	Groups  []choice
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

// userList answers GET /admin/users/.
func (s *console) userList(v *visit) error {
	l := readUserListing(v)
	wrong := wrongSearch(l.query.Search)
	if wrong != "" { // the list is there without it
		v.Status(fiber.StatusBadRequest)
		l.query.Search = ""
		l.values.Del("q")
	}
	found := s.findUsers(&l)
	p := &userListPage{
		page: s.page(v, "Users"), Search: l.query.Search, Wrong: wrong, Keep: l.without("q", "group"),
		Groups: s.groupChoices(l, found.Counts), Filters: l.filters(found.Counts), Clear: l.clear(),
		Columns: l.columns(), Pager: l.pages(l.page, found.Total),
		CanAdd: v.user.Can(account.AddUser), CanDelete: v.user.Can(account.DeleteUser),
	}
	for _, u := range found.Users {
		p.Users = append(p.Users, userRow{u, userURL(u.ID)})
	}
	return v.Render("user_list", p)
}

// findUsers looks for the page that was asked for, or for the last one.
func (s *console) findUsers(l *userListing) account.UserPage {
	l.query.Offset = (l.page - 1) * rowsOnPage
	found := s.Accounts.Users(l.query)
	if len(found.Users) > 0 || l.page == 1 {
		return found
	}
	l.query.Offset = l.pages(l.page, found.Total).Offset()
	return s.Accounts.Users(l.query)
}

// clear is the list without search and filters, in the order that it has.
func (l listing) clear() string {
	if len(l.without("o")) == 0 {
		return ""
	}
	return listing{l.path, url.Values{}}.with("o", l.values.Get("o"))
}
