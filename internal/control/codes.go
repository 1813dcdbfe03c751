package control

import (
	"errors"
	"net/http"

	"pagesession/internal/account"
	"pagesession/session"
)

// A code is an error's name on the socket. Names stay; a new error gets a new
// one.
type code struct {
	name   string
	err    error
	status int
}

// codes lists the errors that mean something to a command. The first that fits
// an error is its code.
func codes() []code {
	return []code{
		{"not_audited", ErrNotAudited, http.StatusInternalServerError}, // first: it has a reason with a code of its own
		{"bad_request", ErrRequest, http.StatusBadRequest},
		{"unknown_operation", ErrVersion, http.StatusNotFound},
		{"no_session", ErrNoSession, http.StatusNotFound},
		{"session_over", ErrEnded, http.StatusConflict},
		{"ambiguous_session", ErrAmbiguous, http.StatusConflict},
		{"sessions_full", session.ErrFull, http.StatusServiceUnavailable},
		{"sessions_unavailable", session.ErrUnavailable, http.StatusServiceUnavailable},
		{"user_not_found", account.ErrNotFound, http.StatusNotFound},
		{"last_superuser", account.ErrLastSuperuser, http.StatusConflict},
		{"changed", account.ErrChanged, http.StatusConflict},
		{"forbidden", account.ErrForbidden, http.StatusForbidden},
		{"busy", account.ErrBusy, http.StatusServiceUnavailable},
		{"not_sqlite", account.ErrNotSQLite, http.StatusUnprocessableEntity},
		{"sqlite_unfinished", account.ErrUnfinished, http.StatusConflict},
		{"not_django", account.ErrNotDjango, http.StatusUnprocessableEntity},
		{"accounts_full", account.ErrFull, http.StatusServiceUnavailable},
		{"accounts_unavailable", account.ErrUnavailable, http.StatusServiceUnavailable},
		{"accounts_closed", account.ErrClosed, http.StatusServiceUnavailable},
	}
}

// A problem is an error on its way through the socket.
type problem struct {
	Code    string              `json:"code"`
	Message string              `json:"message"`
	Fields  map[string][]string `json:"fields,omitempty"` // of account.ValidationErrors
	Result  any                 `json:"result,omitempty"` // with ErrNotAudited
}

// invalid is the code of account.ValidationErrors.
const invalid = "invalid"

// encode fits an error to the socket. The result counts with ErrNotAudited only.
func encode(err error, result any) (problem, int) {
	p := problem{Code: "failed", Message: err.Error()}
	var fields account.ValidationErrors
	if errors.As(err, &fields) {
		p.Code, p.Fields = invalid, fields
		return p, http.StatusUnprocessableEntity
	}
	for _, c := range codes() {
		if errors.Is(err, c.err) {
			p.Code = c.name
			if c.err == ErrNotAudited {
				p.Result = result
			}
			return p, c.status
		}
	}
	return p, http.StatusInternalServerError
}

// decode is the error that was encoded: the same words, and the same to
// errors.Is and errors.As. A code of another version is an error of words only.
func (p problem) decode() error {
	if p.Code == invalid {
		return account.ValidationErrors(p.Fields)
	}
	for _, c := range codes() {
		if p.Code == c.name {
			return &reworded{p.Message, c.err}
		}
	}
	return &reworded{p.Message, nil}
}

// reworded is an error in other words, such as those of the server.
type reworded struct {
	message string
	is      error
}

func (e *reworded) Error() string { return e.message }
func (e *reworded) Unwrap() error { return e.is }
