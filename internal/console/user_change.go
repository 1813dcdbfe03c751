package console

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/messages"
)

// userShow answers GET /admin/users/<id>/: with a form for those who may change
// this user, and without one for those who may look.
func (s *console) userShow(v *visit) error {
	u, err := s.Accounts.User(v.id())
	if err != nil {
		return err
	}
	if !tools(v.user, u).Change {
		return s.showUser(v, u)
	}
	return s.showUserForm(v, new(userFormPage), u, u)
}

// showUserForm shows what was typed for a user who is as saved says.
func (s *console) showUserForm(v *visit, p *userFormPage, saved, typed account.User) error {
	p.page, p.Tools, p.Saved = s.page(v, saved.Username, usersCrumb), tools(v.user, saved), saved
	p.Version = saved.Version
	s.fill(v, p, typed)
	return v.Render("user_form", p)
}

// userChange answers POST /admin/users/<id>/. A user who was disabled, or is not
// on the staff any more, has no sessions after it.
func (s *console) userChange(v *visit) error {
	before, err := s.Accounts.User(v.id())
	if err != nil {
		return err
	}
	typed := s.typedUser(v, before)
	after, err := s.Accounts.UpdateUser(v.actor(), typed)
	if err != nil {
		return s.userRefused(v, before, typed, err)
	}
	if after.Epoch != before.Epoch {
		s.endOf(v, after)
	}
	s.tellChanged(v, "user", after.Version != before.Version)
	return v.saved(userURL(after.ID), "/admin/users/", v.user.Can(account.AddUser))
}

// tellChanged has the next page say whether there was anything to save.
func (s *console) tellChanged(v *visit, what string, changed bool) {
	if changed {
		s.tell(v, messages.Success, what+".changed")
	} else {
		s.tell(v, messages.Info, what+".same")
	}
}

// userRefused shows the form again, with all that was typed. What somebody else
// has saved meanwhile it names, and the next save replaces.
func (s *console) userRefused(v *visit, saved, typed account.User, err error) error {
	p := new(userFormPage)
	if !tools(v.user, saved).Change {
		return status(fiber.StatusForbidden)
	}
	if err := s.explain(v, &p.form, err); err != nil {
		return err
	}
	if errors.Is(err, account.ErrChanged) {
		p.Wrong += differing(userDifference(saved, typed))
	}
	return s.showUserForm(v, p, saved, typed)
}

// differing is a sentence with the fields in which what was typed differs.
func differing(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return " It differs in: " + strings.Join(fieldLabels(fields), ", ") + "."
}

func userDifference(a, b account.User) []string {
	var all []string
	for _, field := range []struct {
		name string
		same bool
	}{
		{account.FieldUsername, a.Username == b.Username},
		{account.FieldFirstName, a.FirstName == b.FirstName},
		{account.FieldLastName, a.LastName == b.LastName},
		{account.FieldEmail, a.Email == b.Email},
		{account.FieldActive, a.Active == b.Active},
		{account.FieldStaff, a.Staff == b.Staff},
		{account.FieldSuperuser, a.Superuser == b.Superuser},
		{account.FieldGroups, slices.Equal(a.Groups, b.Groups)},
		{account.FieldPermissions, slices.Equal(a.Permissions, b.Permissions)},
	} {
		if !field.same {
			all = append(all, field.name)
		}
	}
	return all
}
