package web

import (
	"html/template"

	"github.com/gofiber/fiber/v2"

	"pagesession/session"
)

// confirmPage asks a visitor whom another site sent to /set/ or /del/.
type confirmPage struct {
	notices
	Title, Ask     string
	What           template.HTML
	Action, Button string
	Name           string // posted along; none when empty
	Clock          *clock // of the session that goes on meanwhile
}

func (s *site) confirmSet(c *fiber.Ctx, name string) error {
	p := s.pages(c)
	view, err := s.Sessions.Peek(c)
	if err != nil {
		return err
	}
	what, err := p.HTML("confirm.set.what", nameHTML(name))
	if err != nil {
		return err
	}
	return s.show(c, p, "confirm", &confirmPage{
		Title: p.T("set.title"), Ask: p.T("confirm.set.ask"), What: what,
		Action: "/set/", Button: p.T("button.set"), Name: name, Clock: p.clock(view),
	})
}

func (s *site) confirmDel(c *fiber.Ctx, view session.View) error {
	p := s.pages(c)
	what, err := p.HTML("confirm.del.what")
	if err != nil {
		return err
	}
	return s.show(c, p, "confirm", &confirmPage{
		Title: p.T("del.title"), Ask: p.T("confirm.del.ask"), What: what,
		Action: "/del/", Button: p.T("button.delete"), Clock: p.clock(view),
	})
}
