package console

import (
	"slices"

	"pagesession/internal/account"
	"pagesession/internal/messages"
)

// userDeletePage asks whether these users are really to go.
type userDeletePage struct {
	page
	form
	Users  []leaver
	Sees   bool   // whether the operator may look at them
	May    bool   // whether all of them can
	Action string // where the form goes
}

// A leaver is a user who is to be deleted, and what goes with him.
type leaver struct {
	account.User
	URL      string
	Sessions int    // that end
	Stays    string // why he cannot be deleted, if so
}

// userDeleteForm answers GET /admin/users/<id>/delete/.
func (s *console) userDeleteForm(v *visit) error {
	u, err := s.Accounts.User(v.id())
	if err != nil {
		return err
	}
	return s.showUserDelete(v, new(userDeletePage), u)
}

// usersDeleteForm answers GET /admin/users/delete/?id=…, for those selected in
// the list. It changes nothing. Who is not there any more is left out.
func (s *console) usersDeleteForm(v *visit) error {
	return s.showUserDelete(v, new(userDeletePage), s.usersOf(v.asking())...)
}

func (s *console) usersOf(ids []uint64) []account.User {
	var all []account.User
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if u, err := s.Accounts.User(id); err == nil {
			all = append(all, u)
		}
	}
	return all
}

func (s *console) showUserDelete(v *visit, p *userDeletePage, users ...account.User) error {
	p.Action, p.May = "/admin/users/delete/", len(users) > 0
	p.page = s.page(v, "Delete users", usersCrumb)
	if len(users) == 1 {
		u := users[0]
		p.Action = userURL(u.ID) + "delete/"
		p.page = s.page(v, "Delete "+u.Username, usersCrumb, crumb{u.Username, userURL(u.ID)})
	}
	p.Sees = seesUsers(v.user)
	sessions := s.sessionCounts()
	for _, u := range users {
		l := leaver{User: u, URL: userURL(u.ID), Sessions: sessions[u.ID], Stays: staysBecause(v.user, u)}
		p.Users, p.May = append(p.Users, l), p.May && l.Stays == ""
	}
	return v.Render("user_delete", p)
}

// Goes is what goes with him.
func (l leaver) Goes() []string {
	var all []string
	for _, part := range []struct {
		n          int
		one, other string
	}{
		{len(l.Groups), "group membership", "group memberships"},
		{len(l.Permissions), "own permission", "own permissions"},
		{l.Sessions, "session in the console, which ends", "sessions in the console, which end"},
	} {
		if part.n > 0 {
			all = append(all, counted(int64(part.n), part.one, part.other))
		}
	}
	return all
}

func staysBecause(operator, u account.User) string {
	switch {
	case operator.ID == u.ID:
		return "this is you"
	case !tools(operator, u).Delete:
		return "only a superuser can delete a superuser"
	default:
		return ""
	}
}

// userDelete answers POST /admin/users/<id>/delete/.
func (s *console) userDelete(v *visit) error {
	u, err := s.Accounts.User(v.id())
	if err != nil {
		return err
	}
	return s.deleteUsers(v, []account.User{u}, u.ID)
}

// usersDelete answers POST /admin/users/delete/: all of them, or none.
func (s *console) usersDelete(v *visit) error {
	ids := v.asking()
	return s.deleteUsers(v, s.usersOf(ids), ids...)
}

func (s *console) deleteUsers(v *visit, users []account.User, ids ...uint64) error {
	if len(users) == 0 {
		return v.leave(seesUsers(v.user), "/admin/users/")
	}
	slices.Sort(ids)
	if err := s.Accounts.DeleteUsers(v.actor(), slices.Compact(ids)...); err != nil {
		p := new(userDeletePage)
		if err := s.explain(v, &p.form, gone(err)); err != nil {
			return err
		}
		return s.showUserDelete(v, p, users...)
	}
	s.endOf(v, users...)
	s.tellCount(v, messages.Success, "user.deleted", "users.deleted", len(users))
	return v.leave(seesUsers(v.user), "/admin/users/")
}
