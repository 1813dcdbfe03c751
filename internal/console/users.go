package console

import (
	"errors"
	"slices"

	"pagesession/internal/account"
	"pagesession/internal/text"
)

func (s *console) users() *objectKind[account.User] {
	return &objectKind[account.User]{
		console: s, kind: account.KindUser, list: usersCrumb, empty: account.User{Active: true},
		sees: seeUsers, addition: account.AddUser, addedLeads: true,
		find: s.Accounts.User, named: userObject, tools: userTools,
		create: s.createUser, update: s.updateUser, remove: s.Accounts.DeleteUsers,
		read: s.typedUser, page: s.fillUser, differences: userDifferences, leaving: s.leavingUsers,
		changed: func(r *request, before, after account.User) {
			if after.Epoch != before.Epoch { // disabled, or off the staff
				s.endSessionsOf(r, after)
			}
		},
		removed: func(r *request, all []account.User) { s.endSessionsOf(r, all...) },
	}
}

var usersCrumb = crumb{"Users", "/admin/users/"}

// userPage adds, changes or shows a user.
type userPage struct {
	objectPage[account.User]
	Groups []groupBox
	In     []string // the names of those that the user is in
	Rules  []string // for the password of a new user
	Own    bool     // it is the operator's own
	Above  bool     // a superuser, whom this operator may not change
	Has    string   // which second factors
	Lacks  bool     // they have to set one up
}

// A groupBox is a group and its checkbox.
type groupBox struct {
	account.Group
	Checked bool
	Locked  bool // it grants permissions that the operator lacks
}

func userObject(u account.User) object {
	return object{ID: u.ID, Version: u.Version, Name: u.Username, URL: userURL(u.ID)}
}

// createUser reports all mistakes at once. If the two passwords differ, the accounts
// get none, and so refuse the user.
func (s *console) createUser(r *request, typed account.User) (account.User, error) {
	password, differ := typedTwice(r, typed)
	made, err := s.Accounts.CreateUser(r.UserContext(), r.actor(), typed, password)
	return made, differing(err, differ)
}

// updateUser asks for the operator's current password if they change their own e-mail address.
func (s *console) updateUser(r *request, typed account.User) (account.User, error) {
	return s.confirming(r, func(by account.Actor) (account.User, error) { return s.Accounts.UpdateUser(r.UserContext(), by, typed) })
}

// differing replaces what the accounts say about a missing password by what
// typedTwice has found.
func differing(err error, differ account.ValidationErrors) error {
	var wrong account.ValidationErrors
	if errors.As(err, &wrong) && differ != nil {
		wrong[account.FieldPassword] = differ[account.FieldPassword]
	}
	return err
}

func (s *console) typedUser(r *request, before account.User) (u account.User, err error) {
	u = before
	u.Username, u.Email = r.text(account.FieldUsername), r.text(account.FieldEmail)
	u.FirstName, u.LastName = r.text(account.FieldFirstName), r.text(account.FieldLastName)
	u.Active, u.Staff, u.Superuser = r.checked(account.FieldActive), r.checked(account.FieldStaff), r.checked(account.FieldSuperuser)
	u.Permissions, u.Version = givenIn(r, before.Permissions), r.version()
	u.Groups, err = s.groupsIn(r, before.Groups)
	return u, err
}

// groupsIn reads the boxes of groups. Those that the operator cannot change stay.
func (s *console) groupsIn(r *request, before []uint64) ([]uint64, error) {
	posted := r.fields(account.FieldGroups)
	all := numbers(posted)
	if len(all) < len(posted) {
		all = append(all, 0) // no group's id, which the accounts refuse
	}
	for _, id := range before {
		g, err := s.Accounts.Group(r.UserContext(), id)
		switch {
		case errors.Is(err, account.ErrNotFound):
		case err != nil:
			return nil, err
		case !covers(r.user, g.Permissions):
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

func (s *console) fillUser(r *request, p objectPage[account.User]) (any, error) {
	groups, err := s.Accounts.Groups(r.UserContext(), account.GroupQuery{})
	if err != nil {
		return nil, err
	}
	u := p.Typed
	full := &userPage{objectPage: p, Rules: account.PasswordHelp(), Own: p.ID == r.user.ID, Above: u.Superuser && r.user.Can(account.ChangeUser)}
	full.Inputs = []input{
		{Name: account.FieldUsername, Label: "Username", Value: u.Username, Max: 150, Required: true, Hint: "Up to 150 characters: letters, digits and @ . + - _"},
		{Name: account.FieldFirstName, Label: "First name", Value: u.FirstName, Max: 150},
		{Name: account.FieldLastName, Label: "Last name", Value: u.LastName, Max: 150},
		{Name: account.FieldEmail, Label: "Email", Value: u.Email, Type: "email", Max: 254},
	}
	for i := range full.Inputs {
		full.Inputs[i].Errors = p.Errors[full.Inputs[i].Name]
	}
	if full.Tools.Unlock { // without an answer there may be some
		has, err := s.Accounts.HasFailures(r.UserContext(), p.Saved.Username)
		full.Tools.Unlock = has || err != nil
	}
	full.Has, full.Lacks = factorNames(p.Saved.Factors), s.mustSetUp(p.Saved)
	var byGroup []account.Permission
	names := map[uint64]string{}
	for _, g := range groups.Groups {
		in := slices.Contains(u.Groups, g.ID)
		full.Groups = append(full.Groups, groupBox{g, in, !covers(r.user, g.Permissions)})
		if in {
			names[g.ID], byGroup = g.Name, append(byGroup, g.Permissions...)
		}
	}
	for _, id := range u.Groups {
		full.In = append(full.In, names[id])
	}
	full.Grants, full.FromGroup = grantRows(r.user, u.Permissions, byGroup), len(byGroup) > 0
	return full, nil
}

func userTools(operator, u account.User) tools {
	above := u.Superuser && !operator.Superuser
	change := operator.Can(account.ChangeUser) && !above
	return tools{
		Noun: "user", URL: userURL(u.ID), Change: change,
		History:  operator.Can(account.ViewLogEntry) || operator.ID == u.ID,
		Password: change && operator.MayTakeOver(u),
		Unlock:   change,
		Factors:  operator.Superuser && operator.ID != u.ID && u.Factors.Any(),
		SignOut:  change && operator.ID != u.ID,
		Data:     operator.Superuser,
		Delete:   operator.Can(account.DeleteUser) && !above && operator.ID != u.ID,
	}
}

// userDifferences names fields in the order of the form, not of the audit log.
func userDifferences(a, b account.User) []string {
	fields, last := a.Differences(b), []string{account.FieldEmail, account.FieldLastName, account.FieldFirstName, account.FieldUsername}
	slices.SortStableFunc(fields, func(a, b string) int { return slices.Index(last, b) - slices.Index(last, a) })
	return fields
}

func (s *console) leavingUsers(r *request, users []account.User) []leaving {
	var all []leaving
	for _, u := range users {
		l := leaving{object: userObject(u), FullName: u.FullName(), Superuser: u.Superuser, Stays: staysBecause(r.user, u)}
		goes := func(n int, one, others string) {
			if n > 0 {
				l.Goes = append(l.Goes, text.Plural(n, one, others))
			}
		}
		goes(len(u.Groups), "group membership", "group memberships")
		goes(len(u.Permissions), "user permission", "user permissions")
		sessions, _ := s.sessionsOf(r, u.ID) // without an answer the page says nothing of them
		goes(len(sessions), "console session", "console sessions")
		all = append(all, l)
	}
	return all
}

func staysBecause(operator, u account.User) string {
	switch {
	case operator.ID == u.ID:
		return "this is you"
	case !userTools(operator, u).Delete:
		return "only superusers can delete a superuser"
	default:
		return ""
	}
}
