package console

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
)

type historyPage struct {
	page
	Entries []entryView
	Older   string // address of the entries before these
	Newest  string // of the first page, from another one
}

// userHistory answers GET /admin/users/<id>/history/. Of those who may see users,
// everybody may read his own.
func (s *console) userHistory(v *visit) error {
	u, err := s.Accounts.User(v.id())
	if err != nil {
		return err
	}
	if !tools(v.user, u).History {
		return status(fiber.StatusForbidden)
	}
	return s.history(v, account.KindUser, u.ID, userURL(u.ID), usersCrumb, crumb{u.Username, userURL(u.ID)})
}

// groupHistory answers GET /admin/groups/<id>/history/.
func (s *console) groupHistory(v *visit) error {
	g, err := s.Accounts.Group(v.id())
	if err != nil {
		return err
	}
	if !v.user.Can(account.ViewLogEntry) {
		return status(fiber.StatusForbidden)
	}
	return s.history(v, account.KindGroup, g.ID, groupURL(g.ID), groupsCrumb, crumb{g.Name, groupURL(g.ID)})
}

func (s *console) history(v *visit, kind account.Kind, id uint64, url string, crumbs ...crumb) error {
	before, _ := strconv.ParseUint(v.query("before"), 10, 64)
	found, err := s.Accounts.History(kind, id, before)
	if err != nil {
		return err
	}
	p := &historyPage{page: s.page(v, "History", crumbs...), Entries: s.entryViews(v, found.Entries)}
	if found.Older > 0 {
		p.Older = url + "history/?before=" + strconv.FormatUint(found.Older, 10)
	}
	if before > 0 {
		p.Newest = url + "history/"
	}
	return v.Render("history", p)
}
