package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// keeperTick is how often the database is looked at: a lost file is noticed, and a
// database that is well again is used again, within this time.
const keeperTick = time.Second

// openTime bounds one opening, with a check of the whole file.
const openTime = 5 * time.Minute

// A keeper holds the open database. In the background it closes one that cannot be used
// any more, and opens it again when it can be used.
type keeper struct {
	store *Store
	stop  context.CancelFunc
	done  chan struct{}
	look  chan error // a failure that asks for a check now

	mu     sync.RWMutex
	db     *database // nil while it is closed; only run's goroutine replaces it
	down   error     // why it cannot be used; nil while it can
	since  time.Time // of down
	closed bool
	quiet  bool // the first opening: who opens the Store says why it failed
}

func (k *keeper) run(ctx context.Context, opened chan<- error) {
	defer close(k.done)
	opened <- k.tend(ctx, nil)
	var watching sync.WaitGroup
	watching.Go(func() { k.store.engine.watch(ctx, k.store.operators.forget) })
	defer watching.Wait()
	tick := time.NewTicker(keeperTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = k.tend(ctx, nil) // health has the error
			k.store.expire(ctx)
		case failed := <-k.look:
			_ = k.tend(ctx, failed)
		}
	}
}

// tend checks the open database, opens it if it is closed, and writes what waits.
func (k *keeper) tend(ctx context.Context, failed error) error {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	err := k.check(ctx, failed)
	if err == nil {
		k.store.writeWaiting(ctx)
	}
	return err
}

// check returns nil if the database can be used now. A stop of the keeper says nothing
// about the database.
func (k *keeper) check(ctx context.Context, failed error) error {
	if k.db != nil {
		err := k.store.engine.check(ctx, k.db, failed)
		_, down := k.health()
		switch {
		case errors.Is(ctx.Err(), context.Canceled):
			return ctx.Err()
		case err == nil && down == nil:
			return nil
		case err != nil:
			k.lose(err)
		}
		if errors.Is(err, errOnlyHere) {
			return err
		}
		_ = k.db.close() // it cannot be used, or it is another file than the one at its path
		k.db = nil
	}
	return k.open(ctx)
}

// open opens the database, and publishes it or the reason why it cannot be used.
func (k *keeper) open(ctx context.Context) error {
	db, err := k.store.engine.open(ctx)
	if err != nil {
		if !errors.Is(ctx.Err(), context.Canceled) {
			k.lose(err)
		}
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.down != nil {
		k.store.cfg.Logger.Info("the accounts database can be used again", slog.Duration("after", k.store.cfg.Now().Sub(k.since).Round(time.Second)))
	}
	k.db, k.down = db, nil
	k.store.operators.forget()
	return nil
}

// lose publishes why the database cannot be used. After the first opening it logs each
// new reason.
func (k *keeper) lose(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.down == nil {
		k.since = k.store.cfg.Now()
	}
	if !k.quiet && (k.down == nil || k.down.Error() != err.Error()) {
		k.store.cfg.Logger.Error("the accounts database cannot be used; visitors are served, the console waits for it", slog.Any("error", err))
	}
	k.down = err
	k.store.operators.forget()
}

// suspect asks for a closer look at the database, after it failed.
func (k *keeper) suspect(failed error) {
	select {
	case k.look <- failed:
	default: // one is asked for
	}
}

// database returns the open database, ErrClosed, or ErrUnavailable with the reason.
func (k *keeper) database() (*database, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	switch {
	case k.closed:
		return nil, ErrClosed
	case k.down != nil:
		return nil, unavailable(k.down)
	}
	return k.db, nil
}

func (k *keeper) health() (time.Time, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.since, k.down
}

// close writes what waits, and closes the database after the running transactions.
func (k *keeper) close() error {
	k.stop()
	<-k.done
	k.mu.Lock()
	db, closed := k.db, k.closed
	k.mu.Unlock()
	if closed {
		return nil
	}
	last, cancel := context.WithTimeout(context.Background(), keeperTick)
	defer cancel()
	k.store.writeWaiting(last)
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.store.operators.forget()
	if db == nil {
		return nil
	}
	if err := db.close(); err != nil {
		return fmt.Errorf("close the accounts database: %w", err)
	}
	return nil
}
