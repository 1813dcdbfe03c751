// Package app builds the server from its parts, opens them in order and closes them in
// reverse. Only this package imports storage, session and web together.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"pagesession/internal/access"
	"pagesession/internal/account"
	"pagesession/internal/client"
	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/limit"
	"pagesession/internal/metrics"
	"pagesession/internal/monitor"
	"pagesession/internal/server"
	"pagesession/internal/servers"
	"pagesession/internal/systemd"
	"pagesession/internal/traces"
	"pagesession/internal/web"
	"pagesession/storage"
	"pagesession/storage/redis"
)

// Run serves until ctx is done. It returns nil when all answered changes are on disk. An
// error says what to do.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger, process Process) error {
	process = process.withDefaults()
	if err := dataDir(cfg.DataDir, log); err != nil {
		return err
	}
	cfg.AllowedHosts = cfg.AllowedHosts.With(cfg.Domains...)
	certificates, err := openCertificates(cfg, log)
	if err != nil {
		return err
	}
	started := &progress{Context: ctx}
	a := &app{
		starting: started, memory: memoryLimit(), cfg: cfg, log: log, process: process, certificates: certificates, done: make(chan struct{}),
	}
	ended := make(chan struct{})
	defer close(ended)
	go a.reload(ended) // without a wait for its end: a disk that hangs must not delay the stop
	go each(extensionPause, a.done, func(tick <-chan time.Time) { a.extend(started, tick) })
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
		a.process.Systemd.Stopping(a.cfg.Drain+stopTime, "stopping")
		a.drain()
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
	process   Process
	done      chan struct{} // closed when the stop begins, which ends the streams

	clients      *client.Resolver
	certificates certificates  // nil: plain HTTP
	fallback     *web.Fallback // answers where there is no app
	server       *server.Server
	redirect     *http.Server    // of plain HTTP to https; nil for none
	served       chan error      // the results of the two
	sockets      systemd.Sockets // that systemd has opened and nothing has taken yet; of listen

	key       []byte // of secret.key; nil in a command that does without it
	visitors  *movableVisitors
	creations *limit.Creations // of visitors' sessions
	console   operatorStore
	accounts  *account.Store
	control   *commandSocket
	shared    *redis.Store // the sessions' Redis, where servers meet; nil for the file
	// group has the servers there. It stays nil for the file. The monitor, which runs before, reads it.
	group      atomic.Pointer[servers.Group]
	accountsID atomic.Pointer[string] // the digest of the accounts' identity, once it is known
	monitor    *monitor.Monitor
	day        *keptDay         // nil until the monitor runs
	backups    *backups         // nil in a command, and until the server is ready
	endings    *control.Endings // nil in a command
	lastEnded  *control.LastEnded

	stage  atomic.Pointer[string] // what the start is doing; nil: it has not begun
	asking sync.Mutex             // one question to the file system at a time, see spaceUse

	metrics atomic.Pointer[metrics.Server] // nil without --metrics-addr
	access  *access.Log                    // nil if it is off
	traces  *traces.Tracer                 // nil if they are off
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
	a.fallback.NotReady = a.notReady
	a.clients = client.NewResolver(a.cfg.TrustedProxies, a.log)
	a.clients.Addresses = a.cfg.ClientAddress
	if a.traces, err = traces.Start(os.Getenv, servers.Version(), a.log); err != nil {
		return err
	}
	a.access = a.newAccessLog()
	a.server = a.newServer()
	addr, listenErr := a.listen()
	if listenErr == nil || a.cfg.Sessions.IsFile() {
		a.begin("opening the sessions")
		if err := a.openVisitors(); err != nil {
			return withCure(err)
		}
	}
	if listenErr != nil {
		return listenErr
	}
	if err := a.finishRestore(); err != nil {
		return err
	}
	if err := a.openKey(); err != nil {
		return err
	}
	a.begin("opening the operators' sessions and accounts")
	if err := a.openConsole(); err != nil {
		return withCure(err)
	}
	if err := a.join(addr); err != nil {
		return err
	}
	a.backups, a.lastEnded = a.newBackups(), control.NewLastEnded(time.Now)
	a.backups.start()
	a.openEndings(addr)
	a.openControl()
	return a.ready(addr, languages, a.key)
}

// newServer returns the HTTP server, which answers "not ready" until ready is called.
func (a *app) newServer() *server.Server {
	limits := server.DefaultLimits()
	limits.ForNetwork, limits.Idle, limits.Streams = a.cfg.ClientConnections, a.cfg.KeepAlive, a.maxStreams()
	return server.New(server.Config{
		Unavailable: a.below(a.fallback.Starting),
		Holds:       a.holds(),
		Error:       a.fallback.Answer,
		Finish:      addHSTS,
		Observe:     a.observer(),
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
		Sessions:        a.traced(sessions),
		Console:         console,
		Admit:           a.admit,
		StreamNetwork:   a.streamNetwork,
		AllowedHosts:    a.cfg.AllowedHosts,
		BasePath:        a.cfg.BasePath,
		StaticURL:       a.cfg.StaticURL,
		IdleTimeout:     a.cfg.IdleTimeout,
		AbsoluteTimeout: a.cfg.AbsoluteTimeout,
		Languages:       languages,
		TimeZone:        a.cfg.TimeZone,
		FlashKey:        key,
		Debug:           a.cfg.Debug,
		Addresses:       a.cfg.ClientAddress,
		Files:           a.files,
		Servers:         a.servers,
		Uses:            a.uses,
		Ready:           a.server.IsReady,
		NotReady:        a.notReady,
		Logger:          a.log,
	})
	if err != nil {
		return err
	}
	a.metrics.Load().Ready(a.reading)
	a.server.Ready(a.below(a.clients.Handler(web.Handler(pages))))
	a.warnOfPlainHTTP(addr)
	a.logMaxStreams()
	a.log.Info("serving", slog.String("url", a.urlOf(addr)),
		slog.String("folder", a.cfg.DataDir), slog.Int64("sessions", a.visitors.live()))
	a.tendHeap()
	a.supervised(a.urlOf(addr))
	return nil
}
