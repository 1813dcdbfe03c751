package web

import (
	"github.com/gofiber/fiber/v2"

	"pagesession/internal/page"
	"pagesession/session"
)

type getPage struct {
	notices
	Name  page.Value
	Age   page.Value // the idle timeout in words: what each request grants
	Clock *clock

	TimeoutOptions []timeoutOption
}

// get answers /get/ and extends the session; HEAD only peeks. Without a live
// session the page says what became of it, with a 200 as the original does.
func (s *site) get(c *fiber.Ctx) error {
	view, err := s.look(c)
	if err != nil {
		return err
	}
	if !view.Live() {
		return s.gone(c, view)
	}
	p := s.pages(c)
	draft := p.get.Draft()
	draft.Page.set(s, p, view)
	if !hasClock(view) || s.flashes.Pending(c) {
		return s.show(c, p, "get", draft.Page)
	}
	p.mark(c)
	return p.get.Send(c, draft)
}

func (g *getPage) set(s *site, p *localized, view session.View) {
	g.Name.Set(nameOf(view))
	g.Clock = p.setClock(g.Clock, view)
	current := -1
	for i, d := range s.timeouts {
		g.TimeoutOptions[i].Current.SetBool(d == view.IdleTimeout)
		if d == view.IdleTimeout {
			current = i
		}
	}
	if current < 0 {
		g.Age.Set(p.idleTimeout(view))
		return
	}
	g.Age.Set(g.TimeoutOptions[current].Words)
}

func (s *site) look(c *fiber.Ctx) (session.View, error) {
	if c.Method() == fiber.MethodHead {
		return s.Sessions.Peek(c)
	}
	return s.Sessions.Refresh(c)
}
