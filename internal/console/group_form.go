package console

import (
	"strconv"

	"pagesession/internal/account"
)

// groupFormPage adds, changes or shows a group.
type groupFormPage struct {
	page
	form
	ID         uint64 // 0: it is to be added
	Version    uint64 // that the form was made of
	Name       input
	Grants     []grantRow
	Saved      account.Group // as it is
	May        []string      // its permissions, for those who only look
	MembersURL string
	Tools      groupTools
	CanGiveAll bool
	CanAdd     bool
}

// groupTools are the links of a group's pages.
type groupTools struct {
	URL                     string
	Change, History, Delete bool
}

// typedGroup reads the form over what the group was before.
func typedGroup(v *visit, before account.Group) account.Group {
	g := before
	g.Name, g.Permissions = v.text(account.FieldName), givenIn(v, before.Permissions)
	g.Version, _ = strconv.ParseUint(v.field("version"), 10, 64)
	return g
}

// fillGroup makes the page's form of a group.
func fillGroup(v *visit, p *groupFormPage, g account.Group) {
	p.ID, p.CanGiveAll, p.CanAdd = g.ID, v.user.Superuser, v.user.Can(account.AddGroup)
	p.Name = input{Name: account.FieldName, Label: "Name", Value: g.Name, Max: 150, Required: true, Errors: p.Errors[account.FieldName]}
	p.Grants = grantRows(v.user, g.Permissions, nil)
	for _, permission := range g.Permissions {
		p.May = append(p.May, permission.Label())
	}
}

func toolsOfGroup(operator account.User, g account.Group) groupTools {
	return groupTools{
		URL: groupURL(g.ID), Change: operator.Can(account.ChangeGroup),
		History: operator.Can(account.ViewLogEntry), Delete: operator.Can(account.DeleteGroup),
	}
}

// membersURL leads to the users in a group; "" for who may not see users.
func membersURL(operator account.User, g account.Group) string {
	if !seesUsers(operator) {
		return ""
	}
	return "/admin/users/?group=" + strconv.FormatUint(g.ID, 10)
}

var groupsCrumb = crumb{"Groups", "/admin/groups/"}
