package app

import (
	"context"
	"errors"
	"time"
)

// closePorts finishes running requests, at most for this time, and closes all ports. A
// second signal to stop ends the wait.
func (a *app) closePorts(within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	go func() {
		select {
		case <-a.process.Hurry:
			a.log.Info("stopping at once: connections are cut, and files are written")
			cancel()
		case <-ctx.Done():
		}
	}()
	commands, redirected := make(chan error, 1), make(chan struct{})
	go func() { commands <- a.control.Shutdown(ctx) }()
	go func() { defer close(redirected); a.closeRedirect(ctx) }()
	a.metrics.Load().Close()
	err := errors.Join(a.server.Shutdown(ctx), <-commands)
	<-redirected
	return err
}

// lastRedirects is for the answers of the port that redirects, each of which is one line.
const lastRedirects = 500 * time.Millisecond

// closeRedirect answers the requests that the port has, and then closes it.
func (a *app) closeRedirect(ctx context.Context) {
	if a.redirect == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lastRedirects)
	defer cancel()
	if a.redirect.Shutdown(ctx) != nil {
		_ = a.redirect.Close()
	}
}
