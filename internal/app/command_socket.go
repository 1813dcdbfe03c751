package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"pagesession/internal/check"
	"pagesession/internal/control"
)

// socketPause is between two attempts to open the socket for commands.
const socketPause = 5 * time.Second

// A commandSocket opens the socket for commands, if necessary later: on a full disk
// the server starts, but no socket can be made.
type commandSocket struct {
	open   func() (*control.Server, error)
	log    *slog.Logger
	server *control.Server // nil: not open; read it when ended is closed
	ended  chan struct{}   // closed when no attempt follows
}

// openControl opens the socket for commands. If that fails, the server still serves,
// and attempts follow until the socket is open or the stop begins.
func (a *app) openControl() {
	stores := control.Stores{Accounts: a.accounts, Visitors: a.visitors.lister(), Operators: a.console.lister(), Files: a.files, Servers: a.servers, Move: a.moveSessions, Backups: a.backups, LastEnded: a.lastEnded, Endings: a.endings}
	began := time.Now()
	stores.Facts = func(ctx context.Context) (check.Facts, error) { return a.factsServing(ctx, began), nil }
	a.control = &commandSocket{
		open: func() (*control.Server, error) { return control.Start(a.cfg.DataDir, stores, a.log) },
		log:  a.log, ended: make(chan struct{}),
	}
	a.control.run(a.done)
}

// run makes the first attempt, and others in the background until stop is closed.
func (c *commandSocket) run(stop <-chan struct{}) {
	if c.first() {
		return
	}
	ticker := time.NewTicker(socketPause)
	go func() {
		defer ticker.Stop()
		c.retry(ticker.C, stop)
	}()
}

// first makes the first attempt, and logs why it failed. If it returns false, call
// retry.
func (c *commandSocket) first() bool {
	err := c.try()
	if err != nil {
		c.log.Warn("control socket could not be opened; commands cannot reach this server",
			slog.Any("error", err), slog.Duration("trying_again_every", socketPause))
		return false
	}
	close(c.ended)
	return true
}

func (c *commandSocket) try() (err error) {
	c.server, err = c.open()
	return err
}

// retry makes an attempt at each tick, until one works or the stop begins. Only that
// one is logged.
func (c *commandSocket) retry(tick <-chan time.Time, stop <-chan struct{}) {
	defer close(c.ended)
	for {
		select {
		case <-stop:
			return
		case <-tick:
		}
		if c.try() == nil {
			c.log.Info("control socket is open; commands reach this server")
			return
		}
	}
}

// Shutdown closes the socket as control.Server does. It waits for an attempt under
// way until ctx is done. On a nil commandSocket it does nothing.
func (c *commandSocket) Shutdown(ctx context.Context) error {
	if c == nil {
		return nil
	}
	select {
	case <-c.ended:
		return c.server.Shutdown(ctx)
	case <-ctx.Done():
		return fmt.Errorf("control socket was still being opened: %w", ctx.Err())
	}
}
