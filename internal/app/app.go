// Package app builds the server from its parts, opens them in order and closes them in
// reverse. Only this package imports storage, session and web together.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"pagesession/internal/account"
	"pagesession/internal/client"
	"pagesession/internal/config"
	"pagesession/internal/limit"
	"pagesession/internal/monitor"
	"pagesession/internal/page"
	"pagesession/internal/server"
	"pagesession/internal/web"
	"pagesession/session/fiberv2"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A stop takes at most drainTime for running requests and closeTime for the last flush.
// Together they stay below the documented 5 s.
const (
	drainTime = 3 * time.Second
	closeTime = 1500 * time.Millisecond
	// notReadyTime is for probes and visitors who are told to come back.
	notReadyTime = 200 * time.Millisecond
)

// Run serves until ctx is done. It returns nil when all answered changes are on disk. To
// notices it writes what a person has to read at once and a log must not keep. An error
// says what to do. hangups gets each SIGHUP; nil for none.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger, notices io.Writer, hangups <-chan os.Signal) error {
	if err := dataDir(cfg.DataDir, log); err != nil {
		return err
	}
	cfg.AllowedHosts = cfg.AllowedHosts.With(cfg.Domains...)
	a := &app{starting: ctx, memory: memoryLimit(), cfg: cfg, log: log, notices: notices, done: make(chan struct{})}
	var err error
	if a.certificates, err = openCertificates(cfg, log); err != nil {
		return err
	}
	ended := make(chan struct{})
	defer close(ended)
	go a.reload(hangups, ended)
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
	starting context.Context // done when the start has to stop
	memory   int64           // bytes that the process may use; 0: no limit
	cfg      config.Config
	log      *slog.Logger
	notices  io.Writer
	clients  *client.Resolver
	fallback *web.Fallback // answers where there is no app
	server   *server.Server
	redirect *http.Server // of plain HTTP to https; nil for none
	served   chan error   // the results of the two
	store    *storage.Storage

	certificates certificates // nil: plain HTTP

	creations *limit.Creations // of visitors' sessions

	accounts *account.Store
	console  *storage.Storage // operators' sessions
	control  *commandSocket
	done     chan struct{} // closed when the stop begins, which ends the streams
	monitor  *monitor.Monitor
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
	limits := server.DefaultLimits()
	limits.ForNetwork, limits.Idle = a.cfg.ClientConnections, a.cfg.KeepAlive
	a.server = server.New(server.Config{
		Unavailable: a.below(a.fallback.Starting),
		Error:       a.fallback.Answer,
		Finish:      addHSTS,
		Logger:      a.log,
		Network:     a.clients.PeerNetwork,
		Limits:      limits,
	})
	addr, listenErr := a.listen()
	if err := a.openVisitors(); err != nil {
		return withCure(err)
	}
	if listenErr != nil {
		return listenErr
	}
	if err := a.openConsole(); err != nil {
		return withCure(err)
	}
	key, err := secretKey(a.cfg.DataDir)
	if err != nil {
		return err
	}
	a.openControl()
	return a.ready(addr, languages, key)
}

// withCure adds what to do if another process uses one of the files.
func withCure(err error) error {
	if errors.Is(err, storage.ErrInUse) || errors.Is(err, account.ErrInUse) {
		return fmt.Errorf("%w; stop it or choose another --data-dir", err)
	}
	return err
}

// The databases in the data folder.
const (
	visitorsFile = "sessions.db"
	consoleFile  = "console.db" // operators' sessions
	accountsFile = account.FileName
)

// openVisitors opens the visitors' sessions.
func (a *app) openVisitors() (err error) {
	a.store, err = a.openSessions(visitorsFile, a.cfg.MaxSessions, a.cfg.IdleTimeout, a.cfg.AbsoluteTimeout)
	return err
}

// maxSessionBytes is far above what the pages store in a session: a name, a text.
const maxSessionBytes = 64 << 10

func (a *app) openSessions(file string, most int, idle, absolute time.Duration) (*storage.Storage, error) {
	return storage.OpenContext(a.starting, storage.Config{
		Database:      filepath.Join(a.cfg.DataDir, file),
		MaxSessions:   most,
		MaxValueBytes: maxSessionBytes,
		MemoryLimit:   a.memory,
		Takeover:      record.Lifetime{Idle: idle, Absolute: absolute},
		Logger:        a.log,
	})
}

// answerTime is how long a start waits for a PostgreSQL that does not answer, because
// visitors wait meanwhile.
const answerTime = 200 * time.Millisecond

// openAccounts opens the accounts. wait bounds the time without an answer; 0 for the
// package's own.
func (a *app) openAccounts(wait time.Duration) (err error) {
	a.accounts, err = account.Open(a.starting, account.Config{
		Path: filepath.Join(a.cfg.DataDir, accountsFile), URL: a.cfg.Accounts, Wait: wait, Logger: a.log,
	})
	return err
}

// ready builds the pages and serves them from now on.
func (a *app) ready(addr net.Addr, languages *web.Languages, key []byte) error {
	policy := fiberv2.DefaultConfig()
	policy.Store = a.store.Sessions()
	policy.CookiePath = a.cfg.BasePath.String()
	policy.CookieName = cmp.Or(a.cfg.CookieName, policy.CookieName)
	policy.SecureCookieName = page.SecureName(policy.CookieName, policy.CookiePath)
	policy.PlainNameUntil = a.plainNameUntil(time.Now())
	policy.IdleTimeout, policy.AbsoluteTimeout = a.cfg.IdleTimeout, a.cfg.AbsoluteTimeout
	policy.Secure = func(c *fiber.Ctx) bool { return client.HTTPS(c.Context()) }
	policy.Logger = a.log
	sessions, err := fiberv2.New(policy)
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
	a.log.Info("serving", slog.String("url", a.urlOf(addr)),
		slog.String("folder", a.cfg.DataDir), slog.Int64("sessions", a.store.Stats().Sessions))
	return nil
}

// close finishes running requests, then flushes. Slow clients and disks cannot delay it
// beyond drainTime and closeTime.
func (a *app) close() error {
	if a.server == nil {
		return nil
	}
	a.server.Draining()
	close(a.done)
	drain := drainTime
	if a.store == nil || a.console == nil { // no visitor has been let in
		drain = notReadyTime
	}
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	commands := make(chan error, 1)
	go func() { commands <- a.control.Shutdown(ctx) }()
	if a.redirect != nil {
		_ = a.redirect.Close() // it only redirects
	}
	if err := errors.Join(a.server.Shutdown(ctx), <-commands); err != nil {
		// Only a warning: the cause is a client that did not read its answer.
		a.log.Warn("requests were cut off by the stop", slog.Any("error", err))
	}
	closed := make(chan error, 1)
	go func() { closed <- a.closeFiles() }()
	select {
	case err := <-closed:
		if err != nil {
			return incomplete{err}
		}
		return nil
	case <-time.After(closeTime):
		return incomplete{fmt.Errorf("close the files: the disk has not answered within %v", closeTime)}
	}
}

// incomplete is the error of a stop after which the files may lack something.
type incomplete struct{ error }

func (i incomplete) Error() string {
	return i.error.Error() + "; refreshes of the last moments, and ends that were said not to be on disk yet, may be missing"
}

func (i incomplete) Unwrap() error { return i.error }

// ExitCode tells supervisors such a stop from other failures.
func (incomplete) ExitCode() int { return 3 }

// closeFiles closes the open files, all at once.
func (a *app) closeFiles() error {
	if a.monitor != nil {
		a.monitor.Close() // it reads the store's figures
	}
	if a.creations != nil {
		a.creations.Close() // it counts the store's sessions
	}
	errs := make([]error, 3)
	var all sync.WaitGroup
	for i, s := range []*storage.Storage{a.store, a.console} {
		if s != nil {
			all.Go(func() { errs[i] = s.Close() }) // one that hangs must not keep the others from closing
		}
	}
	if a.accounts != nil {
		all.Go(func() { errs[2] = a.accounts.Close() })
	}
	all.Wait()
	return errors.Join(errs...)
}
