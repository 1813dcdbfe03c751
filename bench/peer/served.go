package peer

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/session"
	"github.com/gofiber/storage/bbolt/v2"
	"github.com/gofiber/template/html/v2"
	"github.com/valyala/fasthttp"

	"pagesession/bench/load"
)

// A fiberApp has the product's settings and engine; the Fiber peers differ in sessions.
type fiberApp struct {
	*fiber.App
	base values
}

func newFiberApp(p Page) (*fiberApp, error) {
	r, err := newRenderer(p)
	if err != nil {
		return nil, err
	}
	engine := html.New("", ".html")
	engine.Templates, engine.Loaded = r.pages, true
	app := &fiberApp{base: r.base, App: fiber.New(fiber.Config{
		Views:                 engine,
		StrictRouting:         true,
		CaseSensitive:         true,
		DisableStartupMessage: true,
		ReadTimeout:           10 * time.Second,
		WriteTimeout:          10 * time.Second,
		IdleTimeout:           60 * time.Second,
		WriteBufferSize:       8 << 10, // holds the page in one system call, as ours does
	})}
	return app, app.renderFirst()
}

// renderFirst renders once, because an app's first Render is not safe for concurrent use.
func (a *fiberApp) renderFirst() error {
	c := a.AcquireCtx(&fasthttp.RequestCtx{})
	defer a.ReleaseCtx(c)
	return a.render(c, getPage, load.VisitorName)
}

// render answers with a page. A layout would take the engine's exclusive lock.
func (a *fiberApp) render(c *fiber.Ctx, page, name string) error {
	return c.Render(page, a.base.at(name, time.Now()))
}

// pagePeer renders the page without a session.
func pagePeer(p Page) (listener, error) {
	app, err := newFiberApp(p)
	if err != nil {
		return nil, err
	}
	app.Get("/get/", func(c *fiber.Ctx) error { return app.render(c, getPage, load.VisitorName) })
	return app, nil
}

// constantPeer answers /get/ with the product's bytes, headers included.
func constantPeer(p Page) (listener, error) {
	answer := new(fasthttp.Response)
	if err := answer.Read(bufio.NewReader(bytes.NewReader(p.Answer))); err != nil {
		return nil, fmt.Errorf("read the product's answer: %w", err)
	}
	app, err := newFiberApp(p)
	if err != nil {
		return nil, err
	}
	body := answer.Body()
	app.Get("/get/", func(c *fiber.Ctx) error {
		answer.Header.CopyTo(&c.Response().Header)
		c.Response().SetBodyRaw(body)
		return nil
	})
	return app, nil
}

// memoryPeer is Fiber's session middleware on its own memory store.
func memoryPeer(p Page) (listener, error) { return sessionPeer(p, nil) }

// stockPeer is Fiber's session middleware on the stock bbolt driver, wired as its README
// does. It can crash: the driver hands out memory that is valid in a transaction only.
func stockPeer(p Page) (listener, error) { return sessionPeer(p, bbolt.New()) }

// sessionPeer serves /set/ and /get/ as the middleware's documentation says: get, read,
// save. Saving extends a session. A nil storage is the memory store.
func sessionPeer(p Page, storage fiber.Storage) (listener, error) {
	app, err := newFiberApp(p)
	if err != nil {
		return nil, err
	}
	store := session.New(session.Config{
		Storage: storage, Expiration: load.IdleTimeout, KeyLookup: "cookie:" + load.CookieName,
		CookiePath: "/", CookieHTTPOnly: true, CookieSameSite: "Lax",
	})
	app.Get("/set/", func(c *fiber.Ctx) error { return app.set(c, store) })
	app.Get("/get/", func(c *fiber.Ctx) error { return app.get(c, store) })
	return app, nil
}

// set starts a session, or writes the data of a live one again.
func (a *fiberApp) set(c *fiber.Ctx, store *session.Store) error {
	s, err := store.Get(c)
	if err != nil {
		return err
	}
	s.Set("name", load.VisitorName)
	if err := s.Save(); err != nil {
		return err
	}
	return a.render(c, setPage, load.VisitorName)
}

// get refreshes a live session. It reads the name first: after Save the session object
// belongs to another request.
func (a *fiberApp) get(c *fiber.Ctx, store *session.Store) error {
	s, err := store.Get(c)
	if err != nil {
		return err
	}
	name, _ := s.Get("name").(string)
	if name == "" {
		c.Type("html", "utf-8")
		return c.SendString("Your session has Expired...")
	}
	if err := s.Save(); err != nil {
		return err
	}
	return a.render(c, getPage, name)
}

// An scsApp is net/http with alexedwards/scs, wired as its README does.
type scsApp struct {
	*http.Server
	renderer
	sessions *scs.SessionManager
	buffers  sync.Pool // of *bytes.Buffer, as Fiber reuses its own
}

// scsPeer has an idle timeout, so scs stores the session with each answer.
func scsPeer(p Page) (listener, error) { return newSCSApp(p, nil) }

// newSCSApp returns the app on a store; nil is scs's own in memory.
func newSCSApp(p Page, store scs.Store) (listener, error) {
	r, err := newRenderer(p)
	if err != nil {
		return nil, err
	}
	app := &scsApp{sessions: scs.New(), renderer: r, buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }}}
	if store != nil {
		app.sessions.Store = store
	}
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

// Listener serves as Fiber's method of that name does.
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
		http.Error(w, "the page could not be rendered", http.StatusInternalServerError)
		return
	}
	a.send(w, out.Bytes())
}

// send sets the length, as Fiber does: without it the answer goes in chunks.
func (a *scsApp) send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // fails if the client has gone
}
