package web

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/page"
	"pagesession/internal/session"
)

// timeoutField is the form field that holds a timeout in seconds.
const timeoutField = "timeout"

// sessionTimeout answers POST /session/timeout/: the visitor gives this session
// another idle timeout, one of a few. A person is there, so it extends the
// session, too. A form, timeout=60, is sent on to a page; a script that posts JSON,
// {"idle_timeout_ms":60000}, gets JSON.
func (s *site) sessionTimeout(c *fiber.Ctx) error {
	if isJSON(c) {
		return s.timeoutJSON(c)
	}
	return s.timeoutForm(c)
}

func isJSON(c *fiber.Ctx) bool {
	kind, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "application/json")
}

// setTimeout stores a timeout in the session, and returns what it was before.
func (s *site) setTimeout(c *fiber.Ctx, idle time.Duration) (before time.Duration, view session.View, err error) {
	if s.debug {
		before = s.sessions.Peek(c).IdleTimeout
	}
	view, err = s.sessions.Update(c, func(sess *fibersession.Session) error {
		sess.SetExpiry(idle)
		return nil
	})
	return before, view, err
}

type timeoutPage struct {
	notices
	Clock          *clock // of the session that goes on meanwhile
	TimeoutOptions []timeoutOption
}

func (s *site) timeoutForm(c *fiber.Ctx) error {
	asked, _, err := formValue(c.Request(), timeoutField)
	idle, ok := timeoutOf(s.timeouts, asked)
	if err != nil || !ok {
		return s.refuseTimeout(c)
	}
	before, view, err := s.setTimeout(c, idle)
	if errors.Is(err, session.ErrEnded) {
		return s.tooLate(c, view)
	}
	if err != nil {
		return err
	}
	s.flash(c,
		page.Flash{Level: page.Success, Key: noticeTimeout, Args: []int64{page.Millis(idle)}},
		page.Flash{Level: page.Debug, Key: noticeTimeouts, Args: []int64{page.Millis(before), page.Millis(idle)}})
	target, ok := backTo(c)
	if !ok {
		target = "/get/"
	}
	return c.Redirect(target, fiber.StatusSeeOther)
}

// refuseTimeout shows what is allowed, to choose from. Nothing was changed.
func (s *site) refuseTimeout(c *fiber.Ctx) error {
	view := s.sessions.Peek(c)
	c.Status(fiber.StatusBadRequest)
	p := s.pages(c)
	return s.show(c, p, "timeout", &timeoutPage{Clock: p.clock(view), TimeoutOptions: p.timeoutOptions(s.timeouts, view.IdleTimeout)})
}

// tooLate answers a change for which there is no live session, or none any
// more. Nothing was written, hence no 200.
func (s *site) tooLate(c *fiber.Ctx, view session.View) error {
	c.Status(fiber.StatusConflict)
	return s.gone(c, view)
}

type timeoutJSON struct {
	IdleTimeoutMS *int64 `json:"idle_timeout_ms"`
}

// refusedTimeoutJSON says what is allowed.
type refusedTimeoutJSON struct {
	Error   string  `json:"error"`
	Allowed []int64 `json:"allowed_idle_timeout_ms"`
}

// timeoutJSON answers a script: 200 and the session as GET /session/ shows it,
// 400 and what is allowed, or 401 as the refresh does.
func (s *site) timeoutJSON(c *fiber.Ctx) error {
	idle, ok := timeoutOfJSON(s.timeouts, c.BodyRaw()) // Body would unpack a compressed one, whatever its size
	if !ok {
		page.NoStore(c)
		c.Status(fiber.StatusBadRequest)
		return sendJSON(c, refusedTimeoutJSON{Error: "idle_timeout_ms is not one of the allowed ones", Allowed: inMillis(s.timeouts)})
	}
	_, view, err := s.setTimeout(c, idle)
	if errors.Is(err, session.ErrEnded) {
		return refuseJSON(c, view)
	}
	if err != nil {
		return err
	}
	return sendJSON(c, sessionOf(view))
}

func timeoutOfJSON(timeouts []time.Duration, body []byte) (time.Duration, bool) {
	var asked timeoutJSON
	if json.Unmarshal(body, &asked) != nil || asked.IdleTimeoutMS == nil {
		return 0, false
	}
	return findTimeout(timeouts, func(d time.Duration) bool { return page.Millis(d) == *asked.IdleTimeoutMS })
}

func inMillis(timeouts []time.Duration) []int64 {
	all := make([]int64, len(timeouts))
	for i, d := range timeouts {
		all[i] = page.Millis(d)
	}
	return all
}
