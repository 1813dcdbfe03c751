package web

import (
	"errors"
	"log/slog"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/session"
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
func problemOf(code int) problem {
	switch code {
	case 400:
		return problem{400, "Bad request", "The request could not be understood.",
			"Check the address: this server answers only to the names that it was given. Then try again."}
	case 403:
		return problem{403, "Not from here", "Another site tried to act in your name, and was stopped.",
			"Nothing was changed. If it was you, start again from the home page."}
	case 404:
		return problem{404, "Page not found", "There is no page at this address.",
			"Check the spelling: small and capital letters are different here."}
	case 405:
		return problem{405, "Method not allowed", "This page cannot be used in this way.",
			"Nothing was changed. Open the page from the home page instead."}
	case 408:
		return problem{408, "Too slow", "The request did not arrive in time.",
			"Nothing was changed. Try again."}
	case 413:
		return problem{413, "Too large", "The form holds more than this server accepts.",
			"Nothing was changed. Use a shorter name."}
	case 431:
		return problem{431, "Headers too large", "Your browser sent more cookies or a longer address than this server accepts.",
			"Delete the cookies of this site, or shorten the address, and try again."}
	case 503:
		return problem{503, "Not just now", "The server cannot do this at the moment.",
			"Nothing was changed. Wait a second, and try again."}
	default:
		return problem{500, "Something went wrong", "The server made a mistake, and has noted it down.",
			"Try again. If it goes on, tell whoever runs this server when it happened."}
	}
}

// fail turns an error into its answer, and is the only place that logs one. A
// cookie that was set on the way is taken back: what failed leaves nothing.
func (s *site) fail(c *fiber.Ctx, err error) error {
	p := problemOf(statusOf(err))
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
	return c.Render("error", &p)
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
