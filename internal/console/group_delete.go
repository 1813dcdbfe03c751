package console

import (
	"slices"

	"pagesession/internal/account"
	"pagesession/internal/messages"
)

// groupDeletePage asks whether these groups are really to go.
type groupDeletePage struct {
	page
	form
	Groups []groupRow
	Sees   bool   // whether the operator may look at them
	Action string // where the form goes
}

// groupDeleteForm answers GET /admin/groups/<id>/delete/.
func (s *console) groupDeleteForm(v *visit) error {
	g, err := s.Accounts.Group(v.id())
	if err != nil {
		return err
	}
	return s.showGroupDelete(v, new(groupDeletePage), g)
}

// groupsDeleteForm answers GET /admin/groups/delete/?id=…, for those selected in
// the list.
func (s *console) groupsDeleteForm(v *visit) error {
	return s.showGroupDelete(v, new(groupDeletePage), s.groupsOf(v.asking())...)
}

func (s *console) groupsOf(ids []uint64) []account.Group {
	var all []account.Group
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if g, err := s.Accounts.Group(id); err == nil {
			all = append(all, g)
		}
	}
	return all
}

func (s *console) showGroupDelete(v *visit, p *groupDeletePage, groups ...account.Group) error {
	p.Action = "/admin/groups/delete/"
	p.page = s.page(v, "Delete groups", groupsCrumb)
	if len(groups) == 1 {
		g := groups[0]
		p.Action = groupURL(g.ID) + "delete/"
		p.page = s.page(v, "Delete "+g.Name, groupsCrumb, crumb{g.Name, groupURL(g.ID)})
	}
	p.Sees = seesGroups(v.user)
	for _, g := range groups {
		p.Groups = append(p.Groups, groupRow{g, groupURL(g.ID), membersURL(v.user, g)})
	}
	return v.Render("group_delete", p)
}

// groupDelete answers POST /admin/groups/<id>/delete/.
func (s *console) groupDelete(v *visit) error {
	g, err := s.Accounts.Group(v.id())
	if err != nil {
		return err
	}
	return s.deleteGroups(v, []account.Group{g}, g.ID)
}

// groupsDelete answers POST /admin/groups/delete/: all of them, or none.
func (s *console) groupsDelete(v *visit) error {
	ids := v.asking()
	return s.deleteGroups(v, s.groupsOf(ids), ids...)
}

func (s *console) deleteGroups(v *visit, groups []account.Group, ids ...uint64) error {
	if len(groups) == 0 {
		return v.leave(seesGroups(v.user), "/admin/groups/")
	}
	slices.Sort(ids)
	if err := s.Accounts.DeleteGroups(v.actor(), slices.Compact(ids)...); err != nil {
		p := new(groupDeletePage)
		if err := s.explain(v, &p.form, gone(err)); err != nil {
			return err
		}
		return s.showGroupDelete(v, p, groups...)
	}
	s.tellCount(v, messages.Success, "group.deleted", "groups.deleted", len(groups))
	return v.leave(seesGroups(v.user), "/admin/groups/")
}
