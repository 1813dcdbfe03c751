package console

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
)

type historyPage struct {
	frame
	Of      string // the object's name
	Entries []entryView
	Older   string // address of the entries before these
	Newest  string // of the first page, from another one
}

// history answers GET /admin/users/<id>/history/. Of those who may see users,
// everyone may read their own.
func (k *objectKind[T]) history(r *request) error {
	x, o, err := k.at(r)
	if err != nil {
		return err
	}
	if !k.tools(r.user, x).History {
		return page.Status(fiber.StatusForbidden)
	}
	before := r.number("before")
	found, err := k.Accounts.History(k.kind, o.ID, before)
	if err != nil {
		return err
	}
	p := &historyPage{frame: k.frame(r, "History", k.list, crumb{o.Name, o.URL}), Of: o.Name, Entries: k.entryViews(r, found.Entries)}
	if found.Older > 0 {
		p.Older = o.URL + "history/?before=" + strconv.FormatUint(found.Older, 10)
	}
	if before > 0 {
		p.Newest = o.URL + "history/"
	}
	return k.render(r, "history", p)
}
