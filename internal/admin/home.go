package admin

// home answers GET /admin/.
func (s *console) home(v *visit) error {
	return v.Render("home", &homePage{page: s.page(v, "Console")})
}

type homePage struct{ page }
