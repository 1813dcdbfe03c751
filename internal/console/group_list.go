package console

import (
	"pagesession/internal/account"
)

type groupListPage struct {
	frame
	Search  string
	Keep    []pair
	Clear   string
	Columns []column
	Pager   pager
	Groups  []groupRow

	CanAdd, CanDelete bool
}

type groupRow struct {
	account.Group
	URL        string
	MembersURL string // "" for operators who may not see users
}

var groupHeadings = []heading{{name: "name", title: "Name"}, {title: "Members"}, {title: "Permissions", class: "mid"}}

// groupList answers GET /admin/groups/.
func (s *console) groupList(r *request) error {
	l := newListing("/admin/groups/")
	q := account.GroupQuery{Search: l.keep(searchParameter, r.asked(searchParameter)), Limit: rowsOnPage}
	order := "name"
	if q.Descending = r.query(orderParameter) == "-name"; q.Descending {
		order = l.keep(orderParameter, "-name")
	}
	p := &groupListPage{
		frame: s.frame(r, "Groups"), Search: q.Search, Keep: l.without(searchParameter), Clear: l.clear(),
		Columns: l.columns(groupHeadings, order), CanAdd: r.user.Can(account.AddGroup), CanDelete: r.user.Can(account.DeleteGroup),
	}
	var found account.GroupPage
	p.Pager = l.find(pageAsked(r), func(offset int) (rows, total int) {
		q.Offset = offset
		found = s.Accounts.Groups(q)
		return len(found.Groups), found.Total
	})
	for _, g := range found.Groups {
		p.Groups = append(p.Groups, groupRow{g, groupURL(g.ID), membersURL(r.user, g)})
	}
	return s.render(r, "group_list", p)
}
