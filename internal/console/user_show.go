package console

import "pagesession/internal/account"

// userShowPage is a user for those who may look and not change.
type userShowPage struct {
	page
	Shown  account.User
	Groups []account.Group
	May    []string // all his permissions
	Tools  userTools
	Above  bool // he is out of reach because he is a superuser
}

func (s *console) showUser(v *visit, u account.User) error {
	p := &userShowPage{page: s.page(v, u.Username, usersCrumb), Shown: u, Tools: tools(v.user, u)}
	p.Above = u.Superuser && v.user.Can(account.ChangeUser)
	for _, id := range u.Groups {
		if g, err := s.Accounts.Group(id); err == nil {
			p.Groups = append(p.Groups, g)
		}
	}
	for _, permission := range u.Effective() {
		p.May = append(p.May, permission.Label())
	}
	return v.Render("user_show", p)
}
