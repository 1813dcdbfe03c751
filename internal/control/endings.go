package control

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"pagesession/internal/account"
	"pagesession/storage/record"
)

// Endings runs EndMatching in the background of a server, one at a time, so it goes on when the
// operator's page is closed. Its goroutines end with Close. It is safe for concurrent use.
type Endings struct {
	on     Stores
	server string
	log    *slog.Logger
	ctx    context.Context // done when the server stops
	cancel context.CancelCauseFunc
	all    sync.WaitGroup
	known  chan struct{} // closed when it is known what an earlier process has left

	mu    sync.Mutex // protects what follows
	state EndingState
	stop  context.CancelCauseFunc // of the one that runs; nil: none runs
}

// An EndingState is how far an ending is, or how the last one went. The zero value: there was
// none since the start.
type EndingState struct {
	Matching        // without the texts of its filter, if a person was erased meanwhile
	By       string // the operator's name; "" if they were erased
	Begun    time.Time
	Finished time.Time // zero: it runs
	Ended    int
	Later    bool  // see Count.NotOnDisk
	Why      error // see EndedMatching.Why
	Lacks    bool  // the audit log does not have the result yet
}

// Runs reports whether it is under way.
func (s EndingState) Runs() bool { return s.ID != "" && s.Finished.IsZero() }

// ErrBusy is returned while sessions are being ended, and once Close has begun.
var ErrBusy = errors.New("sessions are being ended already; wait for that, or stop it")

// NewEndings returns Endings on open stores. The name of the server tells its entries from
// those of others on the same accounts; "" if it is alone. It looks in the audit log whether an
// earlier process was cut off, and notes that after cutOffAfter.
func NewEndings(on Stores, server string, log *slog.Logger) *Endings {
	e := &Endings{on: on, server: server, log: log, known: make(chan struct{})}
	e.ctx, e.cancel = context.WithCancelCause(context.Background())
	e.all.Go(e.noteCutOff)
	return e
}

// stopTime bounds how long a stop waits for the audit log, so that visitors' sessions are saved
// in any case. If the entry is missing, the next start says that the ending was cut off.
const stopTime = 500 * time.Millisecond

// Close stops what runs, and returns when the audit log has it, or the server's log if the audit
// log cannot be written, at the latest after stopTime. Nil Endings do nothing.
func (e *Endings) Close() {
	if e == nil {
		return
	}
	e.mu.Lock()
	e.cancel(ErrServerStop)
	e.mu.Unlock()
	done := make(chan struct{})
	go func() { e.all.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(stopTime):
	}
}

// State returns how far the ending is that runs, or how the last one went.
func (e *Endings) State() EndingState {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state
}

// erase forgets what was searched for: any text may be about the person, and which sessions it
// found is not known any more. Of an operator it also forgets the name. The audit log keeps both
// as it keeps them of others. Nil Endings have nothing.
func (e *Endings) erase(p Person) {
	if e == nil {
		return
	}
	e.update(func(s *EndingState) {
		s.Query, s.Filter = record.Query{}, slices.Clone(s.Filter)
		for i, c := range s.Filter {
			if c.Field != account.FieldState {
				s.Filter[i].To = ""
			}
		}
		if strings.EqualFold(p.Username, s.By) {
			s.By = ""
		}
	})
}

// Begin begins to end sessions, and returns when the audit log has that. Errors: ErrBusy,
// account.ErrForbidden, those of the audit log.
func (e *Endings) Begin(by account.Actor, q Matching) error {
	q.Server = e.server
	begun := make(chan error, 1)
	if err := e.start(by, q, begun); err != nil {
		return err
	}
	return <-begun
}

// start makes q the one that runs.
func (e *Endings) start(by account.Actor, q Matching, begun chan error) error {
	select {
	case <-e.known:
	default:
		return account.ErrUnavailable // it has not answered since the start
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stop != nil || e.ctx.Err() != nil {
		return ErrBusy
	}
	ctx, stop := context.WithCancelCause(e.ctx)
	e.state, e.stop = EndingState{Matching: q, By: by.Name, Begun: q.Now()}, stop
	e.all.Go(func() { e.run(ctx, by, q, begun) })
	return nil
}

// run does one EndMatching, and tells begun when the audit log has its beginning.
func (e *Endings) run(ctx context.Context, by account.Actor, q Matching, begun chan<- error) {
	q.Started = func() { begun <- nil }
	q.Progress = func(ended int) { e.update(func(s *EndingState) { s.Ended = ended }) }
	done, err := EndMatching.Do(ctx, e.on, by, q)
	var lacks *NotAuditedError
	failed := err != nil && !errors.As(err, &lacks)
	e.update(func(s *EndingState) {
		s.Finished, s.Ended, s.Later, s.Why, s.Lacks = q.Now(), done.Count, done.NotOnDisk, done.Why, lacks != nil
		if failed {
			*s = EndingState{}
		}
	})
	if failed {
		begun <- err
	}
	e.logFailure(by, done.Why)
	if lacks != nil {
		e.noteLater(by, lacks)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stop(nil)
	e.stop = nil
}

// logFailure logs why sessions live on, unless an operator or a stop of the server wanted that.
func (e *Endings) logFailure(by account.Actor, why error) {
	if why != nil && !errors.Is(why, ErrStopped) && !errors.Is(why, ErrServerStop) && !errors.Is(why, ErrNoLonger) {
		e.log.Error("sessions that match could not all be ended", slog.String("by", by.Name), slog.Any("error", why))
	}
}

func (e *Endings) update(do func(*EndingState)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	do(&e.state)
}

// Stop stops what runs; id is that of its Matching. It returns false if that does not run. The
// audit log has who stopped it. Errors: account.ErrForbidden, those of the audit log.
func (e *Endings) Stop(ctx context.Context, by account.Actor, id string) (bool, error) {
	if by.Via == account.ViaConsole {
		if err := e.on.Accounts.May(ctx, by, account.DeleteSession); err != nil {
			return false, err
		}
	}
	e.mu.Lock()
	runs := e.state.Runs() && e.state.ID == id
	if runs {
		e.stop(ErrStopped)
	}
	e.mu.Unlock()
	if !runs {
		return false, nil
	}
	return true, e.on.Accounts.Audit(context.WithoutCancel(ctx), by, account.Event{Action: account.ActionRevokeStop, Kind: account.KindSession, ObjectID: id})
}
