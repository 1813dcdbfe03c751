package web

import (
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/client"
	"pagesession/internal/health"
	"pagesession/internal/limit"
	"pagesession/internal/page"
	"pagesession/internal/text"
	"pagesession/session"
)

// errorRules are the errors that are not the server's own mistakes.
var errorRules = []page.Rule{
	{Status: fiber.StatusServiceUnavailable, Errors: []error{session.ErrFull, session.ErrUnavailable}},
}

// A problem is an error page: fixed sentences, never the error's own text.
type problem struct {
	Code            int
	Title, What, Do string
	NoHome          bool // the home page is refused at this address, too

	Clock *clock     // of the session that goes on meanwhile
	Debug *debugInfo // nil without --debug
}

// problemOf returns the page for a status; for one that has none, that of 500.
// Its texts are error.404.title, error.404.what and error.404.do.
func problemOf(l *text.Language, code int) problem {
	switch code {
	case 400, 403, 404, 405, 408, 413, 417, 429, 431, 503, 505:
	default:
		code = fiber.StatusInternalServerError
	}
	key := "error." + strconv.Itoa(code)
	return problem{Code: code, Title: l.T(key + ".title"), What: l.T(key + ".what"), Do: l.T(key + ".do")}
}

// hostProblem returns the page for a host that is not allowed.
func hostProblem(l *text.Language, code int) problem {
	return problem{Code: code, Title: l.T("error.host.title"), What: l.T("error.host.what"), Do: l.T("error.host.do"), NoHome: true}
}

// fail turns an error into its answer, and is the only place that logs one.
func (s *site) fail(c *fiber.Ctx, err error) error {
	pages := s.pages(c)
	p := problemOf(pages.Language, statusOf(err))
	if errors.Is(err, errUnknownHost) {
		p = hostProblem(pages.Language, p.Code)
	}
	if s.isUnsure(err) {
		p.Do = pages.Language.T("error.503.unsure")
	}
	page.Fail(c, p.Code, waitAfter(err))
	s.report(c, err, p.Code)
	p.Debug = s.debugInfo(c)
	p.Clock = s.clockBeside(c, pages, p.Code)
	return pages.render(c, "error", &p)
}

// statusOf returns the status of an error's answer.
func statusOf(err error) int {
	if refused := (*limit.RefusedError)(nil); errors.As(err, &refused) {
		return fiber.StatusTooManyRequests
	}
	return page.StatusOf(err, errorRules)
}

// waitAfter returns when to try again after an error; 0: trying again is no use.
func waitAfter(err error) time.Duration {
	if refused := (*limit.RefusedError)(nil); errors.As(err, &refused) {
		return refused.Wait
	}
	if isUnavailable(err) {
		return time.Second
	}
	return 0
}

// clockBeside is the clock of the session that goes on beside an error, if any.
func (s *site) clockBeside(c *fiber.Ctx, p *localized, code int) *clock {
	if code == fiber.StatusBadRequest || code == fiber.StatusInternalServerError {
		return nil
	}
	view, _ := s.Sessions.Peek(c) // without a view there is no clock
	return p.clock(view)
}

// report logs what an operator has to know, and with --debug every error page.
// A page.Status was made on purpose, or the panic behind it is already logged.
func (s *site) report(c *fiber.Ctx, err error, code int) {
	attrs := []slog.Attr{slog.String("path", c.Path()), slog.Any("error", err)}
	_, logged := err.(page.Status)
	switch {
	case isUnavailable(err) && !s.Debug:
		s.log.Warn("session could not be written", attrs...)
	case code == fiber.StatusTooManyRequests:
		s.log.Warn("a new session was refused; see --client-creations and --client-sessions", append(attrs, slog.String("address", s.Addresses.Text(client.IP(c.Context()))))...)
	case isUnavailable(err):
		s.logError(c, slog.LevelWarn, "session could not be written", attrs...)
	case code == fiber.StatusInternalServerError && !logged:
		s.logError(c, slog.LevelError, "page failed", attrs...)
	case code != fiber.StatusInternalServerError && s.Debug:
		s.logError(c, slog.LevelInfo, "error page shown", slog.Int("status", code), slog.String("path", servedPath(c.Path())))
	}
}

// servedPath is a path of the table, or nothing: other paths are not logged.
func servedPath(path string) string {
	for _, r := range new(site).table() {
		if r.path == path {
			return path
		}
	}
	return ""
}

// isUnsure reports whether what was asked for may have been done: a session server may have
// done it, and only its answer was lost.
func (s *site) isUnsure(err error) bool {
	return errors.Is(err, session.ErrUnavailable) && slices.ContainsFunc(s.Files(), health.File.IsSessionServer)
}

func isUnavailable(err error) bool {
	return errors.Is(err, session.ErrFull) || errors.Is(err, session.ErrUnavailable)
}
