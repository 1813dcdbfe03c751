package peer

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"pagesession/bench/load"
)

// An scsApp is net/http with alexedwards/scs, wired as its README does.
type scsApp struct {
	*http.Server
	renderer
	sessions *scs.SessionManager
	buffers  sync.Pool // of *bytes.Buffer: Fiber reuses its own as well
}

// scsPeer has an idle timeout, so scs stores the session with each answer.
func scsPeer(p Page) (listener, error) {
	r, err := newRenderer(p)
	if err != nil {
		return nil, err
	}
	app := &scsApp{sessions: scs.New(), renderer: r, buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }}}
	app.sessions.IdleTimeout = load.IdleTimeout
	app.sessions.Cookie.Name = load.CookieName
	routes := http.NewServeMux()
	routes.HandleFunc("GET /set/{$}", app.set)
	routes.HandleFunc("GET /get/{$}", app.get)
	app.Server = &http.Server{
		Handler:     app.sessions.LoadAndSave(routes),
		ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: 60 * time.Second,
	}
	return app, nil
}

// Listener has the name that Fiber gives it.
func (a *scsApp) Listener(listener net.Listener) error { return a.Serve(listener) }

func (a *scsApp) set(w http.ResponseWriter, r *http.Request) {
	a.sessions.Put(r.Context(), "name", load.VisitorName)
	a.render(w, setPage, load.VisitorName)
}

func (a *scsApp) get(w http.ResponseWriter, r *http.Request) {
	name := a.sessions.GetString(r.Context(), "name")
	if name == "" {
		a.send(w, []byte("Your session has Expired..."))
	} else {
		a.render(w, getPage, name)
	}
}

func (a *scsApp) render(w http.ResponseWriter, page, name string) {
	out := a.buffers.Get().(*bytes.Buffer)
	defer a.buffers.Put(out)
	out.Reset()
	if err := a.pages.ExecuteTemplate(out, page, a.base.at(name, time.Now())); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	a.send(w, out.Bytes())
}

// send tells the length, as Fiber does: without it the answer goes in chunks.
func (a *scsApp) send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // fails where the client went away
}
