package control

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"time"

	"pagesession/internal/account"
	"pagesession/storage/record"
)

// EndMatching ends the live sessions that a list finds, for the console. It works in pieces
// and rests after each, so visitors' requests come first. Sessions that begin after
// Matching.Before live on. It goes through the list again until nothing is left, so a session
// whose id changes meanwhile ends under its new key. When ctx is done it stops, with the cause
// as the outcome.
//
// The audit log has an entry before the first session ends, and a second one with what was
// done: so after a crash, at whatever step, the first one alone tells that sessions were ended,
// and the next start notes that it was cut off (Endings). Errors, before anything has
// ended: account.ErrForbidden, those of the audit log.
var EndMatching = Operation[Matching, EndedMatching]{
	permission: account.DeleteSession,
	do: func(ctx context.Context, on Stores, by account.Actor, q Matching) (EndedMatching, error) {
		run := matchingRun{on: on, by: by, Matching: q, done: EndedMatching{Matching: q}, begun: q.Now()}
		run.age = max(0, run.begun.Round(0).Sub(q.Before.Round(0)))
		if err := on.Accounts.Audit(ctx, by, q.event(account.ActionRevokeBegin)); err != nil {
			return EndedMatching{}, err
		}
		if q.Started != nil {
			q.Started()
		}
		err := run.all(ctx)
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		run.done.Why = err
		return run.done, nil
	},
	audit: func(done EndedMatching) []account.Event { return []account.Event{done.event()} },
}

// A Matching is the request of EndMatching.
type Matching struct {
	ID     string           // of this request, in both entries; see NewMatchingID
	Query  record.Query     // what the list looks for; its order and place do not count
	Filter []account.Change // the same for the audit log; none: all live sessions
	Found  int              // how many the operator was told of; below 0: not known
	Before time.Time        // when they were told; sessions that began later live on
	Server string           // names this server, if several share the accounts

	Now      func() time.Time
	Pause    func(ctx context.Context, worked time.Duration) // rests after work; nil: Rest
	Started  func()                                          // called when the audit log has the beginning
	Progress func(ended int)                                 // called after each piece
}

// NewMatchingID returns an id that no session has.
func NewMatchingID() string { return "matching-" + rand.Text() }

// EndedMatching is the result of EndMatching.
type EndedMatching struct {
	Matching
	Count        int      // sessions that ended
	Fingerprints []string // of the first ones
	NotOnDisk    bool     // see Count.NotOnDisk
	Why          error    // why others may live on; nil: all have ended
}

// Why sessions that match may live on. Test with errors.Is.
var (
	ErrStopped    = errors.New("stopped by an operator")
	ErrServerStop = errors.New("the server stopped")
	ErrNoLonger   = errors.New("the operator may no longer end sessions")
	errNoProgress = errors.New("sessions could not be ended")
)

// Bounds of EndMatching.
const (
	matchingPiece = 250 // sessions that end together: some milliseconds
	mostPrints    = 100 // fingerprints in the audit entry
	restShare     = 3   // it rests three times as long as it has worked
	shortestRest  = 5 * time.Millisecond
	longestRest   = 2 * time.Second
	askEvery      = time.Second // whether the operator still may
	mostFruitless = 3           // pages of a list of which none could be ended
)

// Rest waits as long as EndMatching rests after work, or until ctx is done.
func Rest(ctx context.Context, worked time.Duration) {
	wait(ctx, min(max(restShare*worked, shortestRest), longestRest))
}

// event returns the entry of the beginning, or what both have in common.
func (q Matching) event(action account.Action) account.Event {
	e := account.Event{Action: action, Kind: account.KindSession, ObjectID: q.ID}.Filtered(q.Filter...)
	if q.Found >= 0 {
		e = e.Filtered(account.Change{Field: account.FieldFound, To: strconv.Itoa(q.Found)})
	}
	if q.Server != "" {
		e = e.Filtered(account.Change{Field: account.FieldServer, To: q.Server})
	}
	return e
}

// event returns the entry of what was done.
func (e EndedMatching) event() account.Event {
	done := e.Matching.event(account.ActionRevokeMatch)
	done.Count = e.Count
	if len(e.Fingerprints) > 0 {
		done = done.Filtered(account.Change{Field: account.FieldSessions, Added: e.Fingerprints, More: max(0, e.Count-len(e.Fingerprints))})
	}
	if e.Why != nil {
		done = done.Filtered(account.Change{Field: account.FieldOutcome, To: e.Why.Error()})
	}
	return done
}

// A matchingRun is one EndMatching under way.
type matchingRun struct {
	Matching
	on    Stores
	by    account.Actor
	begun time.Time     // by the clock that runs on when the wall clock is set
	age   time.Duration // of the youngest session that ends, at begun
	asked time.Time     // whether the operator still may
	noted int           // sessions that LastEnded got
	done  EndedMatching
}

// all goes through the list until a pass finds nothing.
func (m *matchingRun) all(ctx context.Context) error {
	for {
		before := m.done.Count
		if err := m.pass(ctx); err != nil || m.done.Count == before {
			return err
		}
	}
}

// pass ends the sessions of one list, the oldest first. In a store that lists by position it
// goes from page to page; elsewhere the first page has what is left.
func (m *matchingRun) pass(ctx context.Context) error {
	query := m.Query
	query.Order, query.Descending, query.Offset, query.From = record.ByCreated, false, 0, record.Position{}
	query.Bulk, query.Limit = true, record.MaxBulk
	for fruitless := 0; ctx.Err() == nil; {
		begun := m.Now()
		page, err := m.on.Visitors.List(ctx, query)
		if err != nil {
			return err
		}
		m.rest(ctx, begun)
		old, before := m.old(page, begun), m.done.Count
		if err := m.endRows(ctx, old); err != nil {
			return err
		}
		if fruitless++; m.done.Count > before {
			fruitless = 0
		}
		query.From = page.Next
		switch byPosition := m.on.Visitors.ByPosition(); {
		case byPosition && (!page.More || page.Next.Created > m.Before.UnixMilli()):
			return nil
		case !byPosition && (len(old) == 0 || len(old) < len(page.Rows)):
			return nil // there are none, or the others began later
		case !byPosition && fruitless == mostFruitless:
			return errNoProgress
		}
	}
	return nil
}

// old returns the rows of sessions that had begun before the operator was told, of a list
// that was asked for at an instant. The wall clock and the one that measures durations both
// have to say so, because either can leave out time: the first when it is set, the second
// while a machine sleeps.
func (m *matchingRun) old(page record.Page, asked time.Time) []record.Row {
	age := m.age + asked.Sub(m.begun) - time.Millisecond // the stores count whole ones
	return slices.DeleteFunc(slices.Clone(page.Rows), func(row record.Row) bool {
		return row.Age < age || page.At.Add(-row.Age).After(m.Before)
	})
}
