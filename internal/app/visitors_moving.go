package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"sync"

	"pagesession/internal/control"
	"pagesession/internal/health"
	"pagesession/internal/metrics"
	"pagesession/internal/monitor"
	"pagesession/internal/move"
	"pagesession/internal/network"
	"pagesession/session"
	"pagesession/storage/record"
)

// movableVisitors are visitors' sessions in a visitorStore, or on their way from one to
// another (package move). Its methods are safe for concurrent use, except counters' result.
type movableVisitors struct {
	store *move.Store
	log   *slog.Logger
	ends  chan struct{}  // closed by Close
	logs  sync.WaitGroup // of the goroutine that logs how a move goes

	moving sync.Mutex // held while a move begins

	mu   sync.Mutex   // protects the fields below
	open []io.Closer  // what Close closes besides the store
	at   visitorStore // has new sessions
	from visitorStore // has, or had, the others; nil: there was no move since the start
}

func newMovable(at visitorStore, log *slog.Logger) *movableVisitors {
	v := &movableVisitors{store: move.New(at.side()), at: at, log: log, ends: make(chan struct{})}
	v.keep(at)
	return v
}

// begin begins to move the sessions to another store, which v closes from then on. fit is
// that of move.Store.Begin.
func (v *movableVisitors) begin(ctx context.Context, to visitorStore, mark record.Move, fit func(context.Context) error) error {
	at, _ := v.sides()
	places := move.Places{From: at.place(), To: to.place()}
	if err := v.store.Begin(ctx, to.side(), places, mark, fit); err != nil {
		return err
	}
	v.mu.Lock()
	v.at, v.from = to, at
	v.keep(to)
	v.mu.Unlock()
	v.log.Info("sessions are moving", slog.String("from", places.From), slog.String("to", places.To))
	v.logs.Go(v.report)
	return nil
}

// keep closes a session server at the end; a file is closed when its sessions have moved.
func (v *movableVisitors) keep(one visitorStore) {
	if server, ok := one.(redisVisitors); ok {
		v.open = append(v.open, server.Store)
	}
}

// sides returns where new sessions are, and during a move where the others are; otherwise
// that is nil.
func (v *movableVisitors) sides() (at, from visitorStore) {
	now, moved := v.store.Progress()
	v.mu.Lock()
	defer v.mu.Unlock()
	if !moved || now.Done {
		return v.at, nil
	}
	return v.at, v.from
}

func (v *movableVisitors) policyStore() session.Store { return v.store }

func (v *movableVisitors) lister() control.Lister { return movingLister{v} }

func (v *movableVisitors) justOpened() control.Lister {
	at, _ := v.sides()
	return at.justOpened()
}

// counters returns a function that adds up what was counted in all stores since the start.
func (v *movableVisitors) counters() func() monitor.Counters {
	read := map[visitorStore]func() monitor.Counters{}
	return func() (all monitor.Counters) {
		now, moving := v.sides()
		v.mu.Lock()
		at, from := v.at, v.from
		v.mu.Unlock()
		for _, one := range []visitorStore{from, at} {
			if one == nil {
				continue
			}
			if read[one] == nil {
				read[one] = one.counters()
			}
			all = sum(all, read[one](), one == now || one == moving)
		}
		return all
	}
}

// sum adds counters. What is there now counts only of stores that are in use.
func sum(a, b monitor.Counters, used bool) monitor.Counters {
	if used {
		a.Sessions, a.Queued, a.FileBytes = a.Sessions+b.Sessions, a.Queued+b.Queued, max(a.FileBytes, b.FileBytes)
		a.CommitMedian, a.Commit99 = max(a.CommitMedian, b.CommitMedian), max(a.Commit99, b.Commit99)
		a.FlushMedian, a.Flush99 = max(a.FlushMedian, b.FlushMedian), max(a.Flush99, b.Flush99)
		a.CallMedian, a.Call99 = max(a.CallMedian, b.CallMedian), max(a.Call99, b.Call99)
	}
	a.Refreshes, a.Creations = a.Refreshes+b.Refreshes, a.Creations+b.Creations
	a.Idle, a.Absolute, a.Expired = a.Idle+b.Idle, a.Absolute+b.Absolute, a.Expired+b.Expired
	a.Deleted, a.Revoked, a.Retries = a.Deleted+b.Deleted, a.Revoked+b.Revoked, a.Retries+b.Retries
	return a
}

// health returns the states of the stores that are in use. The first says how a move goes.
func (v *movableVisitors) health() []health.File {
	at, from := v.sides()
	files := []health.File{at.health()}
	if from != nil {
		files = append(files, from.health())
	}
	if now, moved := v.store.Progress(); moved {
		files[0] = health.WithMove(files[0], now.Places.To, now.Moved, now.Of, now.Done, now.Paused)
	}
	return files
}

// read reads all stores since the start, so what was counted does not fall when a move is done.
func (v *movableVisitors) read(r *metrics.Reading) {
	v.mu.Lock()
	at, from := v.at, v.from
	v.mu.Unlock()
	if from != nil {
		from.read(r)
	}
	at.read(r)
}

func (v *movableVisitors) eachNetwork(kept network.Kept) func(found func(netip.Addr)) {
	at, _ := v.sides()
	return at.eachNetwork(kept)
}

func (v *movableVisitors) live() int64 {
	at, from := v.sides()
	if from == nil {
		return at.live()
	}
	return at.live() + from.live()
}

func (v *movableVisitors) Close() error {
	close(v.ends)
	err := v.store.Close()
	v.logs.Wait()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, one := range v.open {
		err = errors.Join(err, one.Close())
	}
	return err
}
