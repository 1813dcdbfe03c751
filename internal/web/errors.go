package web

import (
	"errors"
	"log/slog"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/session"
	"pagesession/internal/text"
)

// A status is an error that is fully told by its HTTP status.
type status int

func (s status) Error() string { return "status " + strconv.Itoa(int(s)) }

// A problem is an error page: fixed sentences, never the error's own text.
type problem struct {
	Code            int
	Title, What, Do string

	Clock *clock     // of the session that goes on meanwhile
	Debug *debugInfo // nil without --debug
}

// problemOf returns the page for a status; for one that has none, that of 500.
// Its texts are error.404.title, error.404.what and error.404.do.
func problemOf(l *text.Language, code int) problem {
	switch code {
	case 400, 403, 404, 405, 408, 413, 431, 503:
	default:
		code = fiber.StatusInternalServerError
	}
	key := "error." + strconv.Itoa(code)
	return problem{Code: code, Title: l.T(key + ".title"), What: l.T(key + ".what"), Do: l.T(key + ".do")}
}

// fail turns an error into its answer, and is the only place that logs one. A
// cookie that was set on the way is taken back: what failed leaves nothing.
func (s *site) fail(c *fiber.Ctx, err error) error {
	e := s.edition(c)
	p := problemOf(e.Language, statusOf(err))
	c.Response().Header.DelAllCookies()
	noStore(c)
	if session503(err) {
		c.Set(fiber.HeaderRetryAfter, "1")
	}
	s.report(c, err, p.Code)
	p.Debug = s.debugInfo(c)
	p.Clock = s.clockBeside(c, e, p.Code)
	c.Status(p.Code)
	return e.render(c, "error", &p)
}

// clockBeside is the clock of the session that goes on beside an error. There
// is none for a host that is not ours, nor where something is broken already.
func (s *site) clockBeside(c *fiber.Ctx, e *edition, code int) *clock {
	if code == fiber.StatusBadRequest || code == fiber.StatusInternalServerError {
		return nil
	}
	return e.newClock(s.sessions.Peek(c))
}

// report logs what an operator has to hear of; with --debug every error page,
// under the id that it shows, so at no pace then. A status is no news: it was
// made on purpose, or the panic behind it has been logged.
func (s *site) report(c *fiber.Ctx, err error, code int) {
	attrs := []slog.Attr{slog.String("path", c.Path()), slog.Any("error", err)}
	_, told := err.(status)
	switch {
	case session503(err) && !s.debug:
		s.log.warn("a session could not be written", attrs...)
	case session503(err):
		s.logError(c, slog.LevelWarn, "a session could not be written", attrs...)
	case code == fiber.StatusInternalServerError && !told:
		s.logError(c, slog.LevelError, "a page failed", attrs...)
	case code != fiber.StatusInternalServerError && s.debug:
		s.logError(c, slog.LevelInfo, "an error page was shown", slog.Int("status", code), slog.String("path", ourPath(c.Path())))
	}
}

// ourPath is a path that we have, or nothing: what else somebody typed is not
// for the log.
func ourPath(path string) string {
	for _, r := range new(site).table() {
		if r.path == path {
			return path
		}
	}
	return ""
}

func statusOf(err error) int {
	var code status
	var fiberErr *fiber.Error
	switch {
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &fiberErr):
		return fiberErr.Code
	case session503(err):
		return fiber.StatusServiceUnavailable
	default:
		return fiber.StatusInternalServerError
	}
}

func session503(err error) bool {
	return errors.Is(err, session.ErrFull) || errors.Is(err, session.ErrUnavailable)
}
