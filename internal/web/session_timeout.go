package web

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/messages"
	"pagesession/internal/session"
)

// timeoutField is the form field that holds a choice in seconds.
const timeoutField = "timeout"

// sessionTimeout answers POST /session/timeout/: the visitor gives this session
// another idle timeout, one of a few. Somebody is there, so its time starts
// again. A form, timeout=60, is sent on to a page; a script that posts JSON,
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

// setTimeout stores a choice in the session, and returns what it was before.
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
	Clock   *clock // of the session that goes on meanwhile
	Choices []choice
}

func (s *site) timeoutForm(c *fiber.Ctx) error {
	asked, _, err := posted(c.Request(), timeoutField)
	idle, ok := choiceOf(s.choices, asked)
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
	s.tell(c,
		messages.Message{Level: messages.Success, Key: noticeTimeout, Args: []int64{millis(idle)}},
		messages.Message{Level: messages.Debug, Key: noticeTimeouts, Args: []int64{millis(before), millis(idle)}})
	page, ok := backTo(c)
	if !ok {
		page = "/get/"
	}
	return sendBack(c, page)
}

// refuseTimeout shows what is allowed, to choose from. Nothing was changed.
func (s *site) refuseTimeout(c *fiber.Ctx) error {
	view := s.sessions.Peek(c)
	c.Status(fiber.StatusBadRequest)
	e := s.edition(c)
	return s.show(c, e, "timeout", &timeoutPage{Clock: e.newClock(view), Choices: e.choices(s.choices, view.IdleTimeout)})
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
// 400 and the choices, or 401 as the refresh does.
func (s *site) timeoutJSON(c *fiber.Ctx) error {
	idle, ok := choiceOfJSON(s.choices, c.BodyRaw()) // Body would unpack a compressed one, whatever its size
	if !ok {
		noStore(c)
		c.Status(fiber.StatusBadRequest)
		return sendJSON(c, refusedTimeoutJSON{Error: "idle_timeout_ms is not one of the allowed ones", Allowed: inMillis(s.choices)})
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

func choiceOfJSON(choices []time.Duration, body []byte) (time.Duration, bool) {
	var asked timeoutJSON
	if json.Unmarshal(body, &asked) != nil || asked.IdleTimeoutMS == nil {
		return 0, false
	}
	for _, d := range choices {
		if millis(d) == *asked.IdleTimeoutMS {
			return d, true
		}
	}
	return 0, false
}

func inMillis(choices []time.Duration) []int64 {
	all := make([]int64, len(choices))
	for i, d := range choices {
		all[i] = millis(d)
	}
	return all
}
