package console

import (
	"pagesession/internal/account"
	"pagesession/internal/messages"
)

// userAddForm answers GET /admin/users/add/.
func (s *console) userAddForm(v *visit) error {
	return s.showUserAdd(v, new(userFormPage), account.User{Active: true})
}

func (s *console) showUserAdd(v *visit, p *userFormPage, typed account.User) error {
	p.page, p.Rules = s.page(v, "Add user", usersCrumb), account.PasswordHelp()
	s.fill(v, p, typed)
	return v.Render("user_form", p)
}

// userAdd answers POST /admin/users/add/. It leads to the new user's page, where
// there is more to fill in, as Django does.
func (s *console) userAdd(v *visit) error {
	typed := s.typedUser(v, account.User{})
	password, differ := twice(v)
	made, err := s.Accounts.CreateUser(v.actor(), typed, password)
	if err != nil {
		p := new(userFormPage)
		if err := s.explain(v, &p.form, err); err != nil {
			return err
		}
		p.tellDiffer(differ)
		return s.showUserAdd(v, p, typed)
	}
	s.tell(v, messages.Success, "user.added")
	if v.checked("_addanother") {
		return v.leave(true, "/admin/users/add/")
	}
	return v.leave(seesUsers(v.user), userURL(made.ID))
}

var usersCrumb = crumb{"Users", "/admin/users/"}
