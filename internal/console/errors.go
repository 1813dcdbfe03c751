package console

import (
	"errors"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/client"
	"pagesession/internal/health"
	"pagesession/internal/page"
	"pagesession/session"
	"pagesession/storage"
)

type errorPage struct {
	frame
	Code     int
	What, Do string
	Run      string // a command that Do speaks of; "" on most pages
	Works    string // what goes on meanwhile; "" on most pages
	Again    bool   // show a button that asks again
	Posted   bool   // the request was a form's, so asking again leads to the dashboard
}

// sentences are what the error pages say: fixed, never the error's own text.
var sentences = map[int][3]string{
	400: {"Bad request", "The server could not understand this request.", "Go back and try again."},
	403: {"Not allowed", "Your permissions do not include this.", "Ask a superuser for the permission. If you sent a form, reload its page and send it again."},
	404: {"Not found", "There is no page at this address.", "Check the address. What was here may have been deleted."},
	405: {"Method not allowed", "This address does not accept this kind of request.", "Use the links and buttons of the console."},
	409: {"Changed in the meantime", "What you worked on has been changed or deleted by someone else.", "Reload the page and try again."},
	413: {"Too many sessions", "You can end at most 500 sessions together. None of these has ended.", "Go back and select fewer."},
	415: {"Unsupported form", "The console accepts only uncompressed forms.", "Send the form uncompressed."},
	429: {"Too many attempts", "There were too many failed sign-ins.", "Wait a few minutes, then try again."},
	500: {"Something went wrong", "The console made an error and logged it.", "Try again. If it happens again, tell the operator of this server to look at its log."},
	503: {"Temporarily unavailable", "The server could not do this now. Nothing was changed.", "Try again in a moment."},
}

// statuses are those of the errors of accounts and sessions.
var statuses = []page.Rule{
	{Status: fiber.StatusTooManyRequests, Errors: []error{account.ErrThrottled}},
	{Status: fiber.StatusNotFound, Errors: []error{account.ErrNotFound}},
	{Status: fiber.StatusForbidden, Errors: []error{account.ErrForbidden, account.ErrSignIn, account.ErrCode, account.ErrPasskey, account.ErrSelf, account.ErrLastSuperuser, account.ErrRequired, errSetUpFirst}},
	{Status: fiber.StatusConflict, Errors: []error{session.ErrEnded, account.ErrChanged, account.ErrNoFactor, account.ErrSetup, account.ErrManyPasskeys}},
	{Status: fiber.StatusServiceUnavailable, Errors: []error{session.ErrFull, session.ErrUnavailable, account.ErrBusy, account.ErrFull, account.ErrUnavailable, account.ErrClosed, account.ErrNoSecretKey}},
}

func statusOf(err error) int {
	code := page.StatusOf(err, statuses)
	if _, known := sentences[code]; !known {
		return fiber.StatusInternalServerError
	}
	return code
}

// fail turns an error into its answer, and is the only place that logs one.
func (s *console) fail(c *fiber.Ctx, err error) error {
	code := statusOf(err)
	page.Fail(c, code, retryAfter(err, code))
	c.Vary(fiber.HeaderCookie)
	r := &request{Ctx: c}
	_, _ = s.loggedIn(r, true) // without an answer the page shows no user; it already says what went wrong
	s.report(r, err, code)
	says := sentences[code]
	p := &errorPage{Code: code, What: says[1], Do: says[2]}
	if isAway(err) {
		says[0] = "Accounts unavailable"
		s.explainAway(p)
		p.Again, p.Posted = true, r.Method() == fiber.MethodPost
	}
	if s.sessionsAway(r, err) {
		says[0] = "Sessions unavailable"
		s.explainSessionsAway(p, r.user.ID != 0, r.Method() == fiber.MethodPost)
	}
	if foreign := (*foreignFormError)(nil); errors.As(err, &foreign) {
		explainForeign(p, foreign)
	}
	if errors.Is(err, errSetUpFirst) {
		p.What, p.Do = "Operators like you need a second factor here, and you have none yet.", "Set it up on the page “Second factor”. Nothing was changed."
	}
	p.frame = s.frame(r, says[0])
	return s.render(r, "error", p)
}

// isAway reports whether the accounts could not be asked.
func isAway(err error) bool {
	return errors.Is(err, account.ErrUnavailable) || errors.Is(err, account.ErrClosed)
}

// explainAway says that the accounts are unavailable, and what to do. Anyone may read it,
// so it has neither the cause nor a path.
func (s *console) explainAway(p *errorPage) {
	p.What = "The server cannot reach the operators’ accounts."
	p.Works = "Visitors are served as usual, and operators who are signed in stay signed in."
	p.Do = "Try again in a moment. If this stays, the server’s log says why, and what to do."
	for _, f := range s.Files() {
		if f.State == health.Unavailable && !f.IsSessionServer() {
			p.Works, p.Do = f.Works, f.Do
		}
	}
	if f := s.sessionServer(); !f.OK() {
		p.Works = "Operators who are signed in stay signed in. The session server, Redis, is unavailable, too. " + f.Refused
	}
}

// sessionServer returns the words for the session server; those of one that is well if it
// is, or if there is none.
func (s *console) sessionServer() health.File {
	for _, f := range s.Files() {
		if f.IsSessionServer() {
			return f
		}
	}
	return health.File{State: storage.FileOK.String()}
}

// sessionsAway reports whether the error is that the session server could not be asked: for
// visitors' sessions, or for the operator's own.
func (s *console) sessionsAway(r *request, err error) bool {
	return errors.Is(err, session.ErrUnavailable) && (s.Operators.ByPosition() || s.Visitors.ByPosition() && r.user.ID != 0)
}

// explainSessionsAway says that the session server is unavailable, and what to do. Anyone may
// read it. Without an operator it was their own session that could not be read; they keep it.
// A form may have done a part of its work before.
func (s *console) explainSessionsAway(p *errorPage, known, posted bool) {
	p.What = "The server cannot reach the session server, Redis."
	works, f := "No session ends because of this.", s.sessionServer()
	p.Do = "Try again in a moment. If this stays, check that Redis runs and that this machine reaches it. The server tries again by itself."
	if !f.OK() {
		works, p.Do = f.Works+" "+f.Refused, "Try again in a moment. If this stays: "+f.Do
	}
	switch {
	case known && !s.Operators.ByPosition(): // operators' sessions are elsewhere
		p.Works = "The dashboard, users, groups and the audit log work as usual. " + works
	case f.OK():
		p.Works = "The console waits for it. Operators who are signed in stay signed in. " + works
	default:
		p.Works = "The console waits for it. " + works
	}
	if posted {
		p.Works += " What you asked for may have been done in part: check that before you try again."
	}
	p.Again, p.Posted = true, posted
}

// report logs what the operator of the machine has to know, under the path of
// the route. The accounts log failures of their file themselves.
func (s *console) report(r *request, err error, code int) {
	attrs := []any{slog.String("method", r.Method()), slog.String("path", r.Route().Path), slog.Any("error", err), slog.String("request", client.RequestID(r.Context()))}
	var foreign *foreignFormError
	switch {
	case errors.As(err, &foreign):
		s.logForeign(foreign)
	case code == fiber.StatusForbidden:
		s.refusals.forbid(r, err)
	case code == fiber.StatusInternalServerError:
		s.Logger.Error("page failed", attrs...)
	case s.sessionsAway(r, err): // pages ask again and again
		s.away.Warn("the session server could not be asked", slog.String("path", r.Route().Path), slog.Any("error", err))
	case errors.Is(err, session.ErrFull), errors.Is(err, session.ErrUnavailable):
		s.Logger.Warn("session could not be written", attrs...)
	}
}

// retryAfter is how long to wait before the next attempt; 0: no wait.
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
