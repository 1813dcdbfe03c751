// Package app builds the server from its parts, opens them in order and closes them in
// reverse. Only this package imports storage, session and web together.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"

	"pagesession/internal/account"
	"pagesession/internal/client"
	"pagesession/internal/config"
	"pagesession/internal/limit"
	"pagesession/internal/monitor"
	"pagesession/internal/server"
	"pagesession/internal/web"
	"pagesession/storage"
)

// Run serves until ctx is done. It returns nil when all answered changes are on disk. To
// notices it writes what a person has to read at once and a log must not keep. Each signal
// from hangups reloads the certificates; nil for none. An error says what to do.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger, notices io.Writer, hangups <-chan os.Signal) error {
	if err := dataDir(cfg.DataDir, log); err != nil {
		return err
	}
	cfg.AllowedHosts = cfg.AllowedHosts.With(cfg.Domains...)
	certificates, err := openCertificates(cfg, log)
	if err != nil {
		return err
	}
	a := &app{
		starting: ctx, memory: memoryLimit(), cfg: cfg, log: log, notices: notices, certificates: certificates, done: make(chan struct{}),
	}
	ended := make(chan struct{})
	defer close(ended)
	go a.reload(hangups, ended) // without a wait for its end: a disk that hangs must not delay the stop
	if err := a.open(); err != nil {
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			log.Info("stopping before the start is done")
			err = nil
		}
		return errors.Join(err, a.close())
	}
	var failed error
	select {
	case <-ctx.Done():
		log.Info("stopping")
	case failed = <-a.served:
	}
	return errors.Join(failed, a.close())
}

// An app has the parts that Run has opened so far.
type app struct {
	starting  context.Context // done when the start has to stop
	isCommand bool            // there is no server: nothing waits
	memory    int64           // bytes that the process may use; 0: no limit
	cfg       config.Config
	log       *slog.Logger
	notices   io.Writer
	done      chan struct{} // closed when the stop begins, which ends the streams

	clients      *client.Resolver
	certificates certificates  // nil: plain HTTP
	fallback     *web.Fallback // answers where there is no app
	server       *server.Server
	redirect     *http.Server // of plain HTTP to https; nil for none
	served       chan error   // the results of the two

	key       []byte // of secret.key; nil in a command that does without it
	visitors  visitorStore
	creations *limit.Creations // of visitors' sessions
	console   *storage.Storage // operators' sessions
	accounts  *account.Store
	control   *commandSocket
	monitor   *monitor.Monitor
}

// open listens before it reads the session file, so probes and visitors get "not ready"
// in the meantime. If both the file and the port are in use, it returns the error about
// the file, which explains more.
func (a *app) open() error {
	languages, err := web.LoadLanguages(a.cfg.Language)
	if err != nil {
		return err
	}
	var debug *slog.Logger // nil without --debug
	if a.cfg.Debug {
		debug = a.log
	}
	if a.fallback, err = web.NewFallback(languages, a.cfg.BasePath, debug); err != nil {
		return err
	}
	a.clients = client.NewResolver(a.cfg.TrustedProxies, a.log)
	a.server = a.newServer()
	addr, listenErr := a.listen()
	if listenErr == nil || a.cfg.Sessions.IsFile() {
		if err := a.openVisitors(); err != nil {
			return withCure(err)
		}
	}
	if listenErr != nil {
		return listenErr
	}
	if a.key, err = secretKey(a.cfg.DataDir); err != nil {
		return err
	}
	if err := a.openConsole(); err != nil {
		return withCure(err)
	}
	a.openControl()
	return a.ready(addr, languages, a.key)
}

// newServer returns the HTTP server, which answers "not ready" until ready is called.
func (a *app) newServer() *server.Server {
	limits := server.DefaultLimits()
	limits.ForNetwork, limits.Idle, limits.Streams = a.cfg.ClientConnections, a.cfg.KeepAlive, a.maxStreams()
	return server.New(server.Config{
		Unavailable: a.below(a.fallback.Starting),
		Error:       a.fallback.Answer,
		Finish:      addHSTS,
		Logger:      a.log,
		Network:     a.clients.PeerNetwork,
		Limits:      limits,
	})
}

// withCure adds what to do if another process uses one of the files.
func withCure(err error) error {
	if errors.Is(err, storage.ErrInUse) || errors.Is(err, account.ErrInUse) {
		return fmt.Errorf("%w; stop it or choose another --data-dir", err)
	}
	return err
}

// ready builds the pages and serves them from now on.
func (a *app) ready(addr net.Addr, languages *web.Languages, key []byte) error {
	sessions, err := a.newVisitors()
	if err != nil {
		return err
	}
	console, err := a.newConsole(addr, key)
	if err != nil {
		return err
	}
	a.creations = a.newCreations()
	pages, err := web.New(web.Config{
		Sessions:        sessions,
		Console:         console,
		Admit:           a.admit,
		StreamNetwork:   a.streamNetwork,
		AllowedHosts:    a.cfg.AllowedHosts,
		BasePath:        a.cfg.BasePath,
		IdleTimeout:     a.cfg.IdleTimeout,
		AbsoluteTimeout: a.cfg.AbsoluteTimeout,
		Languages:       languages,
		TimeZone:        a.cfg.TimeZone,
		FlashKey:        key,
		Debug:           a.cfg.Debug,
		Files:           a.files,
		Ready:           a.server.IsReady,
		Logger:          a.log,
	})
	if err != nil {
		return err
	}
	a.server.Ready(a.below(a.clients.Handler(web.Handler(pages))))
	a.warnOfPlainHTTP(addr)
	a.logMaxStreams()
	a.log.Info("serving", slog.String("url", a.urlOf(addr)),
		slog.String("folder", a.cfg.DataDir), slog.Int64("sessions", a.visitors.live()))
	return nil
}
