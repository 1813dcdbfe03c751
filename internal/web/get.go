package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/session"
)

type getPage struct {
	notices
	Name  string
	Age   string // of the session cookie: what every look grants
	Clock *clock

	Choices []choice // of an idle timeout
}

// get answers /get/: a look at the session, which starts its time again. HEAD
// only peeks. Without a live session it says what became of it, with a 200 as
// the original does.
func (s *site) get(c *fiber.Ctx) error {
	view := s.look(c)
	if !view.Live() {
		return s.gone(c, view)
	}
	e := s.edition(c)
	if e.getStencil == nil || !hasClock(view) || hasMessages(c) {
		age := string(e.seconds.Append(nil, wholeSeconds(view.IdleTimeout)))
		return s.show(c, e, "get", &getPage{Name: nameOf(view), Age: age, Clock: e.newClock(view), Choices: e.choices(s.choices, view.IdleTimeout)})
	}
	v := e.getStencil.begin()
	v.add(nameOf(view))
	v.addCounted(e.seconds, wholeSeconds(view.IdleTimeout))
	v.addClock(e, view)
	v.addChoices(s.choices, view.IdleTimeout)
	e.mark(c)
	return e.getStencil.answer(c, v)
}

func (s *site) look(c *fiber.Ctx) session.View {
	if c.Method() == fiber.MethodHead {
		return s.sessions.Peek(c)
	}
	return s.sessions.Refresh(c)
}

// newGetStencil cuts the page of a session that has an end. Which choice is the
// session's own is a value like any other: the text of an attribute.
func (e *edition) newGetStencil(all []time.Duration) (*stencil, error) {
	return newStencil(2+clockValues+len(all), func(v []string) ([]byte, error) {
		page := &getPage{Name: v[0], Age: v[1], Clock: clockOf(v[2:]), Choices: e.choices(all, 0)}
		for i := range page.Choices {
			page.Choices[i].Current = v[2+clockValues+i]
		}
		return e.execute("get", page)
	})
}
