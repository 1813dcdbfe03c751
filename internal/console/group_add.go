package console

import (
	"pagesession/internal/account"
	"pagesession/internal/messages"
)

// groupAddForm answers GET /admin/groups/add/.
func (s *console) groupAddForm(v *visit) error {
	return s.showGroupAdd(v, new(groupFormPage), account.Group{})
}

func (s *console) showGroupAdd(v *visit, p *groupFormPage, typed account.Group) error {
	p.page = s.page(v, "Add group", groupsCrumb)
	fillGroup(v, p, typed)
	return v.Render("group_form", p)
}

// groupAdd answers POST /admin/groups/add/.
func (s *console) groupAdd(v *visit) error {
	typed := typedGroup(v, account.Group{})
	made, err := s.Accounts.CreateGroup(v.actor(), typed)
	if err != nil {
		p := new(groupFormPage)
		if err := s.explain(v, &p.form, err); err != nil {
			return err
		}
		return s.showGroupAdd(v, p, typed)
	}
	s.tell(v, messages.Success, "group.added")
	if !seesGroups(v.user) && !v.checked("_addanother") {
		return v.leave(false, "")
	}
	return v.saved(groupURL(made.ID), "/admin/groups/", true)
}
