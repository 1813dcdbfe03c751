package web

import (
	"html/template"

	"github.com/gofiber/fiber/v2"
)

// confirmPage asks a visitor whom another site sent to /set/ or /del/. Its
// button posts, from our own page, and so passes as the visitor's will.
type confirmPage struct {
	notices
	Title, Ask     string
	What           template.HTML
	Action, Button string
	Name           string // posted along; none when empty
	Clock          *clock // of the session that goes on meanwhile
}

func (s *site) confirmSet(c *fiber.Ctx, name string) error {
	e := s.edition(c)
	what, err := e.HTML("confirm.set.what", nameHTML(name))
	if err != nil {
		return err
	}
	return s.confirm(c, e, confirmPage{
		Title: e.T("set.title"), Ask: e.T("confirm.set.ask"), What: what,
		Action: "/set/", Button: e.T("button.set"), Name: name,
	})
}

func (s *site) confirmDel(c *fiber.Ctx) error {
	e := s.edition(c)
	what, err := e.HTML("confirm.del.what")
	if err != nil {
		return err
	}
	return s.confirm(c, e, confirmPage{
		Title: e.T("del.title"), Ask: e.T("confirm.del.ask"), What: what,
		Action: "/del/", Button: e.T("button.delete"),
	})
}

func (s *site) confirm(c *fiber.Ctx, e *edition, page confirmPage) error {
	page.Clock = e.newClock(s.sessions.Peek(c))
	return s.show(c, e, "confirm", &page)
}
