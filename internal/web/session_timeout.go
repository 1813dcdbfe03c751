package web

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"

	"pagesession/internal/page"
	"pagesession/session"
)

// timeoutField is the form field that holds a timeout in seconds.
const timeoutField = "timeout"

// sessionTimeout answers POST /session/timeout/: the visitor gives the session one
// of a few idle timeouts, which extends it, too. A form, timeout=60, is sent on to
// a page; JSON, {"idle_timeout_ms":60000}, gets JSON.
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
	if s.Debug {
		if view, err = s.Sessions.Peek(c); err != nil {
			return 0, view, err
		}
		before = view.IdleTimeout
	}
	view, err = s.Sessions.Update(c, func(sess *fibersession.Session) error {
		sess.SetExpiry(idle)
		return nil
	})
	return before, view, err
}

type timeoutPage struct {
	notices
	Clock          *clock     // of the session that goes on meanwhile
	Age            page.Value // as on getPage
	TimeoutOptions []timeoutOption
}

func (s *site) timeoutForm(c *fiber.Ctx) error {
	idle, ok := timeoutOf(s.timeouts, field(c, timeoutField))
	if !ok {
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
	view, err := s.Sessions.Peek(c)
	if err != nil {
		return err
	}
	c.Status(fiber.StatusBadRequest)
	p := s.pages(c)
	data := timeoutPage{Clock: p.clock(view), TimeoutOptions: p.timeoutOptions(s.timeouts, view.IdleTimeout)}
	data.Age.Set(p.idleTimeout(view))
	return s.show(c, p, "timeout", &data)
}

// tooLate answers a change for which there is no live session: 409.
func (s *site) tooLate(c *fiber.Ctx, view session.View) error {
	c.Status(fiber.StatusConflict)
	return s.gone(c, view)
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
		return c.JSON(refusedTimeoutJSON{Error: "idle_timeout_ms is not one of the allowed ones", Allowed: inMillis(s.timeouts)}, mimeJSON)
	}
	_, view, err := s.setTimeout(c, idle)
	if errors.Is(err, session.ErrEnded) {
		return refuseJSON(c, view)
	}
	if err != nil {
		return err
	}
	return c.JSON(sessionOf(view), mimeJSON)
}

func timeoutOfJSON(timeouts []time.Duration, body []byte) (time.Duration, bool) {
	var asked struct {
		IdleTimeoutMS *int64 `json:"idle_timeout_ms"`
	}
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

// longestTimeout is also the longest idle timeout that an operator can configure.
const longestTimeout = 30 * 24 * time.Hour

// idleTimeouts are the idle timeouts that a visitor may choose, in rising order: the
// configured one, three times and ten times that, which WCAG 2.2.1 asks for; without those
// that the absolute timeout (0: none) would cut short.
func idleTimeouts(configured, absolute time.Duration) []time.Duration {
	all := []time.Duration{configured, 3 * configured, 10 * configured}
	return slices.DeleteFunc(all, func(d time.Duration) bool {
		return d != configured && (d > longestTimeout || absolute > 0 && d > absolute)
	})
}

// inSeconds is a timeout as forms have it: "60".
func inSeconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
}

// timeoutOf returns the timeout that a form asks for.
func timeoutOf(timeouts []time.Duration, seconds string) (time.Duration, bool) {
	return findTimeout(timeouts, func(d time.Duration) bool { return inSeconds(d) == seconds })
}

func findTimeout(timeouts []time.Duration, wanted func(time.Duration) bool) (time.Duration, bool) {
	i := slices.IndexFunc(timeouts, wanted)
	if i < 0 {
		return 0, false
	}
	return timeouts[i], true
}

// A timeoutOption is a button of a form.
type timeoutOption struct {
	Seconds string     // what it sends
	Words   string     // what it says
	Current page.Value // "true" for the one that the session has, else "false"
}

// timeoutOptions are the buttons for a session that has current, if any.
func (p *localized) timeoutOptions(all []time.Duration, current time.Duration) []timeoutOption {
	options := make([]timeoutOption, len(all))
	for i, d := range all {
		options[i].Seconds, options[i].Words = inSeconds(d), p.Duration(d)
		options[i].Current.SetBool(d == current)
	}
	return options
}
