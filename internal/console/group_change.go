package console

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
)

// groupShow answers GET /admin/groups/<id>/: with a form for those who may change
// it, and without one for those who may look.
func (s *console) groupShow(v *visit) error {
	g, err := s.Accounts.Group(v.id())
	if err != nil {
		return err
	}
	return s.showGroup(v, new(groupFormPage), g, g)
}

// showGroup shows what was typed for a group that is as saved says.
func (s *console) showGroup(v *visit, p *groupFormPage, saved, typed account.Group) error {
	p.page, p.Saved, p.Version = s.page(v, saved.Name, groupsCrumb), saved, saved.Version
	p.Tools, p.MembersURL = toolsOfGroup(v.user, saved), membersURL(v.user, saved)
	fillGroup(v, p, typed)
	if !p.Tools.Change {
		return v.Render("group_show", p)
	}
	return v.Render("group_form", p)
}

// groupChange answers POST /admin/groups/<id>/.
func (s *console) groupChange(v *visit) error {
	before, err := s.Accounts.Group(v.id())
	if err != nil {
		return err
	}
	typed := typedGroup(v, before)
	after, err := s.Accounts.UpdateGroup(v.actor(), typed)
	if err != nil {
		return s.groupRefused(v, before, typed, err)
	}
	s.tellChanged(v, "group", after.Version != before.Version)
	return v.saved(groupURL(after.ID), "/admin/groups/", v.user.Can(account.AddGroup))
}

// groupRefused shows the form again, as userRefused does.
func (s *console) groupRefused(v *visit, saved, typed account.Group, err error) error {
	p := new(groupFormPage)
	if !toolsOfGroup(v.user, saved).Change {
		return status(fiber.StatusForbidden)
	}
	if err := s.explain(v, &p.form, err); err != nil {
		return err
	}
	if errors.Is(err, account.ErrChanged) {
		p.Wrong += differing(groupDifference(saved, typed))
	}
	return s.showGroup(v, p, saved, typed)
}

func groupDifference(a, b account.Group) []string {
	var all []string
	if a.Name != b.Name {
		all = append(all, account.FieldName)
	}
	if !slices.Equal(a.Permissions, b.Permissions) {
		all = append(all, account.FieldPermissions)
	}
	return all
}
