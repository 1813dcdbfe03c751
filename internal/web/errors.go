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
	return problem{code, l.T(key + ".title"), l.T(key + ".what"), l.T(key + ".do")}
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
		s.log.warn("a session could not be written", slog.String("path", c.Path()), slog.Any("error", err))
	}
	if _, told := err.(status); !told && p.Code == fiber.StatusInternalServerError {
		s.log.logger.Error("a page failed", slog.String("path", c.Path()), slog.Any("error", err))
	}
	c.Status(p.Code)
	return e.render(c, "error", &p)
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
