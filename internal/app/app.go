// Package app wires pagesession together, opens it in order and closes it in
// reverse. It is the only package that knows storage, session and web at once.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"pagesession/internal/account"
	"pagesession/internal/config"
	"pagesession/internal/control"
	"pagesession/internal/disk"
	"pagesession/internal/monitor"
	"pagesession/internal/server"
	"pagesession/internal/web"
	"pagesession/session/fiberv2"
	"pagesession/storage"
	"pagesession/storage/record"
)

// Stopping takes at most drainTime for requests that are under way and
// closeTime for the last flush: together under the 5 s that are promised.
const (
	drainTime = 3 * time.Second
	closeTime = 1500 * time.Millisecond
)

// Run serves until ctx is done and returns nil when everything that was
// answered is on disk. What a person has to read at once, and no log should
// keep, goes to notices. Errors say what to do.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger, notices io.Writer) error {
	if err := dataDir(cfg.DataDir, log); err != nil {
		return err
	}
	a := &app{cfg: cfg, log: log, notices: notices, done: make(chan struct{})}
	if err := a.open(); err != nil {
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

// An app is what Run has opened so far.
type app struct {
	cfg     config.Config
	log     *slog.Logger
	notices io.Writer
	server  *server.Server
	served  chan error // what Serve returned
	store   *storage.Storage

	accounts *account.Store
	console  *storage.Storage // operators' sessions
	control  *control.Server  // for commands; nil if there is no socket
	done     chan struct{}    // closed when stopping begins: streams end
	monitor  *monitor.Monitor
}

// open listens before it reads the session file, so that probes and visitors get
// "not ready" meanwhile. That the file is in use explains more than that the port is,
// so its error wins.
func (a *app) open() error {
	languages, err := web.LoadLanguages(a.cfg.Language)
	if err != nil {
		return err
	}
	var debug *slog.Logger // for those who answer with more when they debug
	if a.cfg.Debug {
		debug = a.log
	}
	fallback, err := web.NewFallback(languages, debug)
	if err != nil {
		return err
	}
	a.server = server.New(server.Config{
		Unavailable: fallback.Starting,
		Error:       fallback.Answer,
		Logger:      a.log,
		Limits:      server.DefaultLimits(),
	})
	ln, listenErr := a.listen()
	if listenErr == nil {
		a.served = make(chan error, 1)
		go func() { a.served <- a.server.Serve(ln) }()
	}
	if err := a.openVisitors(); err != nil {
		return withCure(err)
	}
	if listenErr != nil {
		return fmt.Errorf("listen on %s: %w; choose another with --addr", a.cfg.Addr, listenErr)
	}
	if err := a.openConsole(); err != nil {
		return err
	}
	key, err := secretKey(a.cfg.DataDir)
	if err != nil {
		return err
	}
	a.openControl()
	return a.ready(ln.Addr(), languages, key)
}

// withCure adds what to do about a session file that another process has.
func withCure(err error) error {
	if errors.Is(err, storage.ErrInUse) {
		return fmt.Errorf("%w; stop it or choose another --data-dir", err)
	}
	return err
}

// listen finds out about clients that vanished a little before the idle timeout
// would end them anyway.
func (a *app) listen() (net.Listener, error) {
	alive := net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 3}
	return (&net.ListenConfig{KeepAliveConfig: alive}).Listen(context.Background(), "tcp", a.cfg.Addr)
}

// Files of the data folder.
const (
	visitorsFile = "sessions.db"
	consoleFile  = "console.db" // operators' sessions
	accountsFile = "accounts.db"
)

// openVisitors opens visitors' sessions.
func (a *app) openVisitors() (err error) {
	a.store, err = a.openSessions(visitorsFile, a.cfg.MaxSessions, a.cfg.IdleTimeout, a.cfg.AbsoluteTimeout)
	return err
}

// maxSessionBytes is far above what the pages store in a session: a name, a text.
const maxSessionBytes = 64 << 10

func (a *app) openSessions(file string, most int, idle, absolute time.Duration) (*storage.Storage, error) {
	return storage.Open(storage.Config{
		Database:      filepath.Join(a.cfg.DataDir, file),
		MaxSessions:   most,
		MaxValueBytes: maxSessionBytes,
		Takeover:      record.Lifetime{Idle: idle, Absolute: absolute},
		Logger:        a.log,
	})
}

func (a *app) openAccounts() (err error) {
	a.accounts, err = account.Open(account.Config{Path: filepath.Join(a.cfg.DataDir, accountsFile), Logger: a.log})
	return err
}

// ready puts the pages in front of the store and lets visitors in.
func (a *app) ready(addr net.Addr, languages *web.Languages, key []byte) error {
	policy := fiberv2.DefaultConfig()
	policy.Store = a.store.Sessions()
	policy.IdleTimeout, policy.AbsoluteTimeout = a.cfg.IdleTimeout, a.cfg.AbsoluteTimeout
	policy.Logger = a.log
	sessions, err := fiberv2.New(policy)
	if err != nil {
		return err
	}
	console, err := a.newConsole(addr, key)
	if err != nil {
		return err
	}
	pages, err := web.New(web.Config{
		Sessions:        sessions,
		Console:         console,
		AllowedHosts:    a.cfg.AllowedHosts,
		IdleTimeout:     a.cfg.IdleTimeout,
		AbsoluteTimeout: a.cfg.AbsoluteTimeout,
		Languages:       languages,
		TimeZone:        a.cfg.TimeZone,
		FlashKey:        key,
		Debug:           a.cfg.Debug,
		Ready:           a.server.IsReady,
		Logger:          a.log,
	})
	if err != nil {
		return err
	}
	a.server.Ready(web.Handler(pages))
	a.log.Info("serving", slog.String("url", "http://"+addr.String()+"/"),
		slog.String("data", a.cfg.DataDir), slog.Int64("sessions", a.store.Stats().Sessions))
	return nil
}

// close finishes what is in flight, then flushes. It is bounded, whatever
// clients and disks do.
func (a *app) close() error {
	if a.server == nil {
		return nil
	}
	a.server.Draining()
	close(a.done)
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	commands := make(chan error, 1)
	go func() { commands <- a.control.Shutdown(ctx) }()
	if err := errors.Join(a.server.Shutdown(ctx), <-commands); err != nil {
		// A client that does not read its answer is no failure of the server.
		a.log.Warn("clients were cut off", slog.Any("because", err))
	}
	closed := make(chan error, 1)
	go func() { closed <- a.closeFiles() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(closeTime):
		return fmt.Errorf("the files did not close in %v; the last refreshes may be lost", closeTime)
	}
}

// closeFiles closes what was opened; the visitors' sessions first, which have
// the most to lose.
func (a *app) closeFiles() error {
	if a.monitor != nil {
		a.monitor.Close() // it looks at the file
	}
	var errs []error
	for _, s := range []*storage.Storage{a.store, a.console} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if a.accounts != nil {
		errs = append(errs, a.accounts.Close())
	}
	return errors.Join(errs...)
}

// dataDir makes the folder that only we may read.
func dataDir(dir string, log *slog.Logger) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create data folder: %w; choose another with --data-dir", err)
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return fmt.Errorf("data folder %q cannot be written: %w; choose another with --data-dir", dir, err)
	}
	err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	if info, statErr := os.Stat(dir); statErr == nil && disk.OthersCanRead(info) {
		log.Warn("data folder can be read by others; chmod 700 it", slog.String("data", dir))
	}
	return err
}
