package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/storage/record"
)

type homePage struct {
	notices
	Lives       string
	Live, Ended bool
	Several     bool // sessions are live, so none counts
	Name        string
	ending      // of a session that has ended
	Clock       *clock
}

// home answers GET and HEAD /: what this is, and how the session stands, which it
// does not extend. A page without scripts comes here when its time is up, with a
// query, and reads what became of its session.
func (s *site) home(c *fiber.Ctx) error {
	view, err := s.Sessions.Peek(c)
	if err != nil {
		return err
	}
	if !view.Live() && c.Context().QueryArgs().Has(wasParameter) {
		return s.gone(c, view)
	}
	p := s.pages(c)
	view = s.remembered(c, view)
	data := homePage{
		Lives:   p.idle,
		Live:    view.Live(),
		Ended:   view.State == record.Ended,
		Several: view.Ambiguous,
		Name:    nameOf(view),
		Clock:   p.clock(view),
	}
	if data.Ended {
		data.ending = p.ending(view)
	}
	return s.show(c, p, "home", &data)
}
