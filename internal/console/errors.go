package console

import (
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/session"
)

// A status is an error that is fully told by its HTTP status.
type status int

func (s status) Error() string { return "status " + strconv.Itoa(int(s)) }

type errorPage struct {
	page
	Code     int
	What, Do string
}

// sentences are what the error pages say: fixed, never the error's own text.
var sentences = map[int][3]string{
	400: {"Bad request", "This request could not be understood.", "Go back and try again."},
	403: {"Not allowed", "Your permissions do not include this.", "Ask a superuser for the permission. If a form of this console brought you here, load its page anew and try again."},
	404: {"Not found", "There is nothing under this address.", "What was here may have been deleted."},
	405: {"Not that way", "This address cannot be asked like that.", "Use the pages' links and buttons."},
	409: {"Somebody was faster", "What you worked on has changed or is gone.", "Load the page anew and look again."},
	413: {"Too many sessions", "At most 500 sessions can be ended together, and none of these has ended.", "Go back and select fewer."},
	415: {"Unsupported form", "The console takes no compressed forms.", "Send the form as it is."},
	429: {"Too many attempts", "There were too many failed logins.", "Wait a few minutes and try again."},
	500: {"Something is broken", "The console made a mistake. It has been logged.", "Try again. If it stays, ask whoever runs this server to look into its log."},
	503: {"Not just now", "The server could not do that now, and nothing has changed.", "Try again in a moment."},
}

// fail turns an error into its answer, and is the only place that logs one. A
// cookie that was set on the way is taken back: what failed leaves nothing.
func (s *console) fail(c *fiber.Ctx, err error) error {
	code := statusOf(err)
	s.report(c, err, code)
	setRetryAfter(c, retryAfter(err, code))
	c.Response().Header.DelAllCookies()
	noStore(c)
	v := &visit{Ctx: c}
	s.knows(v, true)
	says := sentences[code]
	page := errorPage{page: s.page(v, says[0]), Code: code, What: says[1], Do: says[2]}
	c.Status(code)
	return c.Render("error", &page)
}

// report logs what an operator of the machine has to hear of. What the accounts'
// file suffers they log themselves. Only who has logged in, or could, gets to a
// session's 503, so it needs no pace.
func (s *console) report(c *fiber.Ctx, err error, code int) {
	attrs := []any{slog.String("method", c.Method()), slog.String("path", s.routed(c)), slog.Any("error", err)}
	switch {
	case code == fiber.StatusInternalServerError:
		s.Logger.Error("a page of the console failed", attrs...)
	case errors.Is(err, session.ErrFull), errors.Is(err, session.ErrUnavailable):
		s.Logger.Warn("a session could not be written", attrs...)
	}
}

// retryAfter is how long to wait with the next try; 0: there is no need to.
func retryAfter(err error, code int) time.Duration {
	var throttled *account.ThrottledError
	switch {
	case errors.As(err, &throttled):
		return throttled.RetryAfter
	case errors.Is(err, account.ErrBusy):
		return account.BusyRetryAfter
	case code == fiber.StatusServiceUnavailable:
		return time.Second
	default:
		return 0
	}
}

// routed is a path that we have, or nothing: what else somebody typed is not
// for the log.
func (s *console) routed(c *fiber.Ctx) string {
	if r := c.Route(); r != nil {
		return r.Path
	}
	return ""
}

func statusOf(err error) int {
	var code status
	var fiberErr *fiber.Error
	switch {
	case errors.As(err, &code):
	case errors.As(err, &fiberErr):
		code = status(fiberErr.Code)
	case errors.Is(err, account.ErrThrottled):
		code = fiber.StatusTooManyRequests
	case errors.Is(err, account.ErrNotFound):
		code = fiber.StatusNotFound
	case errors.Is(err, account.ErrForbidden), errors.Is(err, account.ErrLogin), errors.Is(err, account.ErrSelf), errors.Is(err, account.ErrLastSuperuser):
		code = fiber.StatusForbidden
	case errors.Is(err, session.ErrEnded), errors.Is(err, account.ErrChanged):
		code = fiber.StatusConflict
	case errors.Is(err, session.ErrFull), errors.Is(err, session.ErrUnavailable), errors.Is(err, account.ErrBusy), errors.Is(err, account.ErrFull), errors.Is(err, account.ErrUnavailable), errors.Is(err, account.ErrClosed):
		code = fiber.StatusServiceUnavailable
	}
	if _, known := sentences[int(code)]; !known {
		return fiber.StatusInternalServerError
	}
	return int(code)
}

// noStore keeps an answer out of every cache.
func noStore(c *fiber.Ctx) {
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Vary(fiber.HeaderCookie)
}
