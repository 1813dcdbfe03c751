package console

import (
	"strconv"

	"pagesession/internal/account"
	"pagesession/internal/text"
)

func (s *console) groups() *objectKind[account.Group] {
	return &objectKind[account.Group]{
		console: s, kind: account.KindGroup, list: crumb{"Groups", "/admin/groups/"},
		sees: seeGroups, addition: account.AddGroup,
		find: s.Accounts.Group, named: groupObject, tools: groupTools,
		create: func(r *request, typed account.Group) (account.Group, error) {
			return s.Accounts.CreateGroup(r.UserContext(), r.actor(), typed)
		},
		update: s.updateGroup, remove: s.Accounts.DeleteGroups,
		read: typedGroup, page: fillGroup, differences: account.Group.Differences, leaving: leavingGroups,
		changed: func(*request, account.Group, account.Group) {},
		removed: func(*request, []account.Group) {},
	}
}

// groupPage adds, changes or shows a group.
type groupPage struct {
	objectPage[account.Group]
	May        []string // its permissions, for those who only look
	MembersURL string
}

func groupObject(g account.Group) object {
	return object{ID: g.ID, Version: g.Version, Name: g.Name, URL: groupURL(g.ID)}
}

func typedGroup(r *request, before account.Group) (account.Group, error) {
	g := before
	g.Name, g.Permissions, g.Version = r.text(account.FieldName), givenIn(r, before.Permissions), r.version()
	return g, nil
}

func fillGroup(r *request, p objectPage[account.Group]) (any, error) {
	g := p.Typed
	p.Inputs = []input{{Name: account.FieldName, Label: "Name", Value: g.Name, Max: 150, Required: true, Errors: p.Errors[account.FieldName]}}
	p.Grants = grantRows(r.user, g.Permissions, nil)
	return &groupPage{p, permissionLabels(g.Permissions), membersURL(r.user, p.Saved)}, nil
}

func groupTools(operator account.User, g account.Group) tools {
	return tools{
		Noun: "group", URL: groupURL(g.ID), Change: operator.Can(account.ChangeGroup),
		History: operator.Can(account.ViewLogEntry), Delete: operator.Can(account.DeleteGroup),
	}
}

func leavingGroups(_ *request, groups []account.Group) []leaving {
	var all []leaving
	for _, g := range groups {
		goes := "it has no members"
		if g.Members > 0 {
			goes = text.Plural(g.Members, "member loses", "members lose") + " " + text.Plural(len(g.Permissions), "permission")
		}
		all = append(all, leaving{object: groupObject(g), Goes: []string{goes}})
	}
	return all
}

// membersURL leads to a group's users; "" for operators who may not see them.
func membersURL(operator account.User, g account.Group) string {
	if !seeUsers.admits(operator) {
		return ""
	}
	return "/admin/users/?group=" + strconv.FormatUint(g.ID, 10)
}

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
	if l.order = "name"; r.query(orderParameter) == "-name" {
		l.order, q.Descending = l.keep(orderParameter, "-name"), true
	}
	p := &groupListPage{
		frame: s.frame(r, "Groups"), Search: q.Search, Keep: l.without(searchParameter), Clear: l.clear(),
		Columns: l.columns(groupHeadings), CanAdd: r.user.Can(account.AddGroup), CanDelete: r.user.Can(account.DeleteGroup),
	}
	var found account.GroupPage
	var err error
	p.Pager, err = l.find(pageAsked(r), func(offset int) (rows, total int, err error) {
		q.Offset = offset
		found, err = s.Accounts.Groups(r.UserContext(), q)
		return len(found.Groups), found.Total, err
	})
	if err != nil {
		return err
	}
	for _, g := range found.Groups {
		p.Groups = append(p.Groups, groupRow{g, groupURL(g.ID), membersURL(r.user, g)})
	}
	return s.render(r, "group_list", p)
}

func (s *console) updateGroup(r *request, typed account.Group) (account.Group, error) {
	return s.Accounts.UpdateGroup(r.UserContext(), r.actor(), typed)
}
