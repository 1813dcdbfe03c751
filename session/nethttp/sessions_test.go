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

func app(t *testing.T, cfg session.Config) string {
	sessions, err := nethttp.New(nethttp.Config{Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	named := func(r *http.Request) session.Change {
		return func(d *session.Draft) error {
			d.Set("name", r.URL.Query().Get("name"))
			return nil
		}
	}
	routes := map[string]func(http.ResponseWriter, *http.Request) (session.View, error){
		"GET /{$}":  sessions.Refresh,
		"GET /peek": sessions.Peek,
		"POST /start": func(w http.ResponseWriter, r *http.Request) (session.View, error) {
			return sessions.Start(w, r, named(r))
		},
		"POST /save": func(w http.ResponseWriter, r *http.Request) (session.View, error) {
			return sessions.Update(w, r, named(r))
		},
		"POST /rotate": sessions.Rotate,
		"POST /end": func(w http.ResponseWriter, r *http.Request) (session.View, error) {
			return session.View{}, sessions.End(w, r)
		},
	}
	mux := http.NewServeMux()
	for pattern, do := range routes {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			v, err := do(w, r)
			switch {
			case errors.Is(err, session.ErrEnded):
				w.WriteHeader(http.StatusConflict)
			case err != nil:
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
			_, _ = w.Write([]byte(apptest.Text(v)))
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestSessions(t *testing.T) { apptest.Run(t, app) }
