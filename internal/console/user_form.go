package console

import (
	"slices"
	"strconv"

	"pagesession/internal/account"
)

// userFormPage adds or changes a user.
type userFormPage struct {
	page
	form
	ID      uint64 // 0: he is to be added
	Version uint64 // that the form was made of
	Inputs  []input
	Typed   account.User // as he was typed
	Groups  []groupBox
	Grants  []grantRow
	Rules   []string // for the password of a new user

	Saved account.User // as he is; the zero value when he is to be added
	Tools userTools

	CanMakeSuperuser, CanAdd bool
}

// A groupBox is a group to be in or not.
type groupBox struct {
	account.Group
	Checked bool
	Locked  bool // it gives what the operator has not himself
}

// userTools are the links of a user's pages.
type userTools struct {
	URL              string
	Change, History  bool
	Password, Delete bool
}

// typedUser reads the form over what the user was before. What the operator could
// not touch did not come with the form, and stays.
func (s *console) typedUser(v *visit, before account.User) account.User {
	u := before
	u.Username, u.Email = v.text(account.FieldUsername), v.text(account.FieldEmail)
	u.FirstName, u.LastName = v.text(account.FieldFirstName), v.text(account.FieldLastName)
	u.Active, u.Staff, u.Superuser = v.checked(account.FieldActive), v.checked(account.FieldStaff), v.checked(account.FieldSuperuser)
	u.Groups, u.Permissions = s.groupsIn(v, before.Groups), givenIn(v, before.Permissions)
	u.Version, _ = strconv.ParseUint(v.field("version"), 10, 64)
	return u
}

func (s *console) groupsIn(v *visit, before []uint64) []uint64 {
	posted := v.fields(account.FieldGroups)
	all := numbers(posted)
	if len(all) < len(posted) {
		all = append(all, 0) // no group's id, which the accounts refuse
	}
	for _, id := range before {
		if g, err := s.Accounts.Group(id); err == nil && !covers(v.user, g.Permissions) {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// fill makes the page's form of a user.
func (s *console) fill(v *visit, p *userFormPage, u account.User) {
	p.ID, p.Typed = u.ID, u
	p.CanMakeSuperuser, p.CanAdd = v.user.Superuser, v.user.Can(account.AddUser)
	p.Inputs = []input{
		{Name: account.FieldUsername, Label: "Username", Value: u.Username, Max: 150, Required: true, Hint: "At most 150 letters, digits and @ . + - _"},
		{Name: account.FieldFirstName, Label: "First name", Value: u.FirstName, Max: 150},
		{Name: account.FieldLastName, Label: "Last name", Value: u.LastName, Max: 150},
		{Name: account.FieldEmail, Label: "E-mail", Value: u.Email, Type: "email", Max: 254},
	}
	for i := range p.Inputs {
		p.Inputs[i].Errors = p.Errors[p.Inputs[i].Name]
	}
	var byGroup []account.Permission
	for _, g := range s.Accounts.Groups(account.GroupQuery{}).Groups {
		in := slices.Contains(u.Groups, g.ID)
		p.Groups = append(p.Groups, groupBox{g, in, !covers(v.user, g.Permissions)})
		if in {
			byGroup = append(byGroup, g.Permissions...)
		}
	}
	p.Grants = grantRows(v.user, u.Permissions, byGroup)
}

// tools are the links that lead on from a user, without those that would be
// refused.
func tools(operator, u account.User) userTools {
	above := u.Superuser && !operator.Superuser
	change := operator.Can(account.ChangeUser) && !above
	return userTools{
		URL: userURL(u.ID), Change: change,
		History:  operator.Can(account.ViewLogEntry) || operator.ID == u.ID,
		Password: change && operator.MayTakeOver(u),
		Delete:   operator.Can(account.DeleteUser) && !above && operator.ID != u.ID,
	}
}
