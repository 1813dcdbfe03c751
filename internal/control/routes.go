package control

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

// A call is a request on the socket.
type call[Q any] struct {
	Actor   string `json:"actor"`
	Request Q      `json:"request"`
}

// A handler does one operation for one connection.
type handler func(s *Server, w http.ResponseWriter, r *http.Request) (result any, err error)

// Paths of the operations.
const (
	pathCreateSuperuser = "/v1/users/create-superuser"
	pathSetPassword     = "/v1/users/set-password"
	pathUser            = "/v1/users/show"
	pathUsers           = "/v1/users/list"
	pathSetActive       = "/v1/users/set-active"
	pathImportDjango    = "/v1/users/import-django"
	pathSessions        = "/v1/sessions/list"
	pathSession         = "/v1/sessions/show"
	pathEndSession      = "/v1/sessions/end"
	pathEndAllSessions  = "/v1/sessions/end-all"
	pathClearSessions   = "/v1/sessions/clear"
)

func routes() map[string]handler {
	return map[string]handler{
		pathCreateSuperuser: does(Operations.CreateSuperuser),
		pathSetPassword:     does(Operations.SetPassword),
		pathUser:            does(Operations.User),
		pathUsers:           does(Operations.Users),
		pathSetActive:       does(Operations.SetActive),
		pathImportDjango:    importUpload,
		pathSessions:        does(Operations.Sessions),
		pathSession:         does(Operations.Session),
		pathEndSession:      does(Operations.EndSession),
		pathEndAllSessions:  does(Operations.EndAllSessions),
		pathClearSessions:   does(Operations.ClearSessions),
	}
}

// does is the handler of an operation.
func does[Q, R any](operation func(Operations, context.Context, Q) (R, error)) handler {
	return func(s *Server, w http.ResponseWriter, r *http.Request) (any, error) {
		var c call[Q]
		body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		body.DisallowUnknownFields()
		if err := body.Decode(&c); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRequest, err)
		}
		l, err := s.local(c.Actor)
		if err != nil {
			return nil, err
		}
		return operation(l, r.Context(), c.Request)
	}
}

// local does operations for somebody, whose name is going to be in the audit
// log. It is believed: whoever may connect could write into that log himself.
func (s *Server) local(actor string) (Local, error) {
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	if actor == "" || len(actor) > maxActor || strings.ContainsFunc(actor, odd) {
		return Local{}, fmt.Errorf("%w: no name", ErrRequest)
	}
	return Local{Stores: s.stores, Actor: actor}, nil
}

// serve answers a request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	result, err := s.do(w, r)
	status := http.StatusOK
	if err != nil {
		result, status = encode(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(result) // whoever has gone needs no answer
}

func (s *Server) do(w http.ResponseWriter, r *http.Request) (any, error) {
	handle, ok := routes()[r.URL.Path]
	if !ok {
		return nil, ErrVersion
	}
	if r.Method != http.MethodPost {
		return nil, fmt.Errorf("%w: use POST", ErrRequest)
	}
	return handle(s, w, r)
}
