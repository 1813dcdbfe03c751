package account

import (
	"context"
	"errors"
	"time"
)

// errNotYet is why a database cannot be used whose first opening still runs.
var errNotYet = errors.New("the accounts database has not answered yet; it is tried again until it does")

// keep opens the database for the first time, and keeps it until close. Its errors are
// those that waiting does not cure. An opening that takes too long goes on in the
// background.
func keep(ctx context.Context, s *Store) error {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	k := &keeper{store: s, stop: stop, done: make(chan struct{}), look: make(chan error, 1), quiet: true}
	s.keeper = k // its goroutine uses the Store
	opened := make(chan error, 1)
	go k.run(running, opened)
	if err := k.wait(ctx, opened); errors.Is(err, ErrNewerFormat) || errors.Is(err, ErrInUse) {
		k.stop()
		<-k.done
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.quiet = false
	if k.down == nil && k.db == nil {
		k.since, k.down = s.cfg.Now(), errNotYet
	}
	return nil
}

// wait waits for the first opening: for patience if the database answers, else for
// Config.Wait.
func (k *keeper) wait(ctx context.Context, opened <-chan error) error {
	begin := time.Now()
	for _, limit := range []time.Duration{min(k.store.cfg.Wait, patience), patience} {
		select {
		case err := <-opened:
			return err
		case <-ctx.Done():
			return nil
		case <-time.After(limit - time.Since(begin)):
		}
		if !k.store.engine.answered() {
			return nil
		}
	}
	return nil
}
