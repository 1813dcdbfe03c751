package control

import (
	"errors"
	"net/http"

	"pagesession/internal/account"
	"pagesession/session"
)

// A code is an error's name on the socket. Names are fixed, because the server and the
// command may have different versions.
type code struct {
	name   string
	err    error
	status int
}

// codes lists the errors that commands tell apart. The first one that fits an error is
// its code.
func codes() []code {
	return []code{
		{"not_audited", ErrNotAudited, http.StatusInternalServerError}, // first, because it wraps an error with its own code
		{"bad_request", ErrRequest, http.StatusBadRequest},
		{"unknown_operation", ErrVersion, http.StatusNotFound},
		{"no_session", ErrNoSession, http.StatusNotFound},
		{"session_over", ErrEnded, http.StatusConflict},
		{"not_listed_so", ErrQuery, http.StatusConflict},
		{"ambiguous_session", ErrAmbiguous, http.StatusConflict},
		{"sessions_full", session.ErrFull, http.StatusServiceUnavailable},
		{"sessions_unavailable", session.ErrUnavailable, http.StatusServiceUnavailable},
		{"no_person", ErrNoPerson, http.StatusNotFound},
		{"many_people", ErrManyPeople, http.StatusConflict},
		{"user_not_found", account.ErrNotFound, http.StatusNotFound},
		{"last_superuser", account.ErrLastSuperuser, http.StatusConflict},
		{"changed", account.ErrChanged, http.StatusConflict},
		{"forbidden", account.ErrForbidden, http.StatusForbidden},
		{"wrong_code", account.ErrCode, http.StatusUnprocessableEntity},
		{"setup_expired", account.ErrSetup, http.StatusConflict},
		{"no_second_factor", account.ErrNoFactor, http.StatusConflict},
		{"no_secret_key", account.ErrNoSecretKey, http.StatusConflict},
		{"busy", account.ErrBusy, http.StatusServiceUnavailable},
		{"not_sqlite", account.ErrNotSQLite, http.StatusUnprocessableEntity},
		{"sqlite_unfinished", account.ErrUnfinished, http.StatusConflict},
		{"not_django", account.ErrNotDjango, http.StatusUnprocessableEntity},
		{"accounts_full", account.ErrFull, http.StatusServiceUnavailable},
		{"accounts_unavailable", account.ErrUnavailable, http.StatusServiceUnavailable},
		{"accounts_closed", account.ErrClosed, http.StatusServiceUnavailable},
	}
}

// A problem is an error in the form that the socket carries.
type problem struct {
	Code    string              `json:"code"`
	Message string              `json:"message"`
	Fields  map[string][]string `json:"fields,omitempty"` // of account.ValidationErrors
	Result  any                 `json:"result,omitempty"` // with ErrNotAudited
}

// invalid is the code of account.ValidationErrors.
const invalid = "invalid"

// encode returns the problem and the status for an error. Only ErrNotAudited keeps the
// result.
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

// decode returns the error that was encoded: with the same text, and the same for
// errors.Is and errors.As. An unknown code gives an error that has only the text.
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

// reworded is an error with another text, such as the server's.
type reworded struct {
	message string
	is      error
}

func (e *reworded) Error() string { return e.message }
func (e *reworded) Unwrap() error { return e.is }
