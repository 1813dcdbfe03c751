package nethttp_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"pagesession/session"
	"pagesession/session/internal/apptest"
	"pagesession/session/nethttp"
)

type handler = func(http.ResponseWriter, *http.Request) (session.View, error)

func serveApp(t *testing.T, cfg session.Config) string {
	secure := func(r *http.Request) bool { return r.Header.Get("X-Forwarded-Proto") == "https" }
	sessions, err := nethttp.New(nethttp.Config{Config: cfg, Secure: secure})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", text(sessions.Refresh))
	mux.HandleFunc("GET /peek", text(sessions.Peek))
	mux.HandleFunc("POST /start", text(func(w http.ResponseWriter, r *http.Request) (session.View, error) {
		return sessions.Start(w, r, named(r))
	}))
	mux.HandleFunc("POST /save", text(func(w http.ResponseWriter, r *http.Request) (session.View, error) {
		return sessions.Update(w, r, named(r))
	}))
	mux.HandleFunc("POST /rotate", text(sessions.Rotate))
	mux.HandleFunc("POST /end", text(func(w http.ResponseWriter, r *http.Request) (session.View, error) {
		return session.View{}, sessions.End(w, r)
	}))
	sessions.Clock(mux, "/session/")
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func named(r *http.Request) session.Change {
	return func(d *session.Draft) error {
		d.Set("name", r.URL.Query().Get("name"))
		return nil
	}
}

// text answers with the view that do returns.
func text(do handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := do(w, r)
		if errors.Is(err, session.ErrNotDurable) {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		if err != nil && !errors.Is(err, session.ErrEnded) {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		if err != nil {
			w.WriteHeader(http.StatusConflict)
		}
		_, _ = w.Write([]byte(apptest.Text(v)))
	}
}

func TestSessions(t *testing.T) { apptest.Run(t, serveApp) }
