package console

import (
	"net/url"

	"pagesession/internal/account"
)

type groupListPage struct {
	page
	Search string
	Keep   []pair
	Clear  string
	Name   column
	Pager  pager
	Groups []groupRow

	CanAdd, CanDelete bool
}

type groupRow struct {
	account.Group
	URL        string
	MembersURL string // "" for who may not see users
}

// groupList answers GET /admin/groups/.
func (s *console) groupList(v *visit) error {
	l := listing{"/admin/groups/", url.Values{}}
	q := account.GroupQuery{Search: v.asked("q"), Descending: v.query("o") == "-name", Limit: rowsOnPage}
	name := column{Title: "Name", URL: l.with("q", q.Search, "o", "-name"), Sort: "ascending"}
	if q.Descending {
		l.values.Set("o", "-name")
		name = column{Title: "Name", URL: l.with("q", q.Search, "o", ""), Sort: "descending"}
	}
	if q.Search != "" {
		l.values.Set("q", q.Search)
	}
	pager := l.pages(pageAsked(v.query(pageParameter)), s.Accounts.Groups(account.GroupQuery{Search: q.Search, Limit: 1}).Total)
	q.Offset = pager.Offset()
	p := &groupListPage{
		page: s.page(v, "Groups"), Search: q.Search, Keep: l.without("q"), Clear: l.clear(), Name: name, Pager: pager,
		CanAdd: v.user.Can(account.AddGroup), CanDelete: v.user.Can(account.DeleteGroup),
	}
	for _, g := range s.Accounts.Groups(q).Groups {
		p.Groups = append(p.Groups, groupRow{g, groupURL(g.ID), membersURL(v.user, g)})
	}
	return v.Render("group_list", p)
}
