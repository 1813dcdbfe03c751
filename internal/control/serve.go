package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"unicode"
)

// operations returns the operations of the socket: all but EndSessions and KeepBackup, which
// only the console has.
func operations() []served {
	return []served{
		CreateSuperuser, SetPassword, ShowUser, ListUsers, SetActive, UnlockUser, ImportDjango, AddUser, ChangeUser, DeleteUser,
		ListGroups, AddGroup, ChangeGroup, DeleteGroup,
		SetUpTOTP, ConfirmTOTP, NewRecoveryCodes, ResetSecondFactors,
		ListSessions, ShowSession, EndSession, EndAllSessions, ClearSessions, MoveSessions, MakeBackup, RestoreBackup, ShowStatus,
		ReadFacts,
		ExportPerson, ErasePerson,
	}
}

// served is an Operation of any request and result type.
type served interface {
	at() string
	serve(s *Server, w http.ResponseWriter, r *http.Request) (result any, err error)
}

func (o Operation[Q, R]) at() string { return o.path }

// serve does the operation for one request on the socket.
func (o Operation[Q, R]) serve(s *Server, w http.ResponseWriter, r *http.Request) (any, error) {
	var c call[Q]
	if file, ok := any(&c.Request).(fileReceived); ok {
		path, err := s.keep(w, r)
		if err != nil {
			return nil, err
		}
		defer s.discard(path)
		c.Actor = r.URL.Query().Get("actor")
		file.kept(path, r.URL.Query().Get("path"))
	} else {
		body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		body.DisallowUnknownFields()
		if err := body.Decode(&c); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRequest, err)
		}
	}
	if !isName(c.Actor) {
		return nil, fmt.Errorf("%w: the actor has no valid name", ErrRequest)
	}
	result, err := o.Do(r.Context(), s.stores, commandLine(c.Actor), c.Request)
	if lacks := (*NotAuditedError)(nil); errors.As(err, &lacks) {
		lacks.Log(s.log.With(slog.String("user", c.Actor)))
	}
	return result, err
}

// isName reports whether the audit log can show an actor's name. The socket trusts the
// command to send the right one.
func isName(actor string) bool {
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	return actor != "" && len(actor) <= maxActor && !strings.ContainsFunc(actor, odd)
}

// serve answers a request of the socket.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	result, err := s.answer(w, r)
	status := http.StatusOK
	if err != nil {
		result, status = encode(err, result)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(result) // it fails if the command has exited
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) (any, error) {
	for _, o := range operations() {
		switch {
		case o.at() != r.URL.Path:
		case r.Method != http.MethodPost:
			return nil, fmt.Errorf("%w: use POST", ErrRequest)
		default:
			return o.serve(s, w, r)
		}
	}
	return nil, ErrVersion
}
