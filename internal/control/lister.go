package control

import (
	"context"

	"pagesession/storage"
	"pagesession/storage/record"
	"pagesession/storage/redis"
)

// A Lister lists and ends the sessions of a store for operators. Its methods are safe
// for concurrent use, and may wait for a network. Every error may be
// session.ErrUnavailable or the context's. Operations pass contexts without an end to
// methods that change something: what an operator has begun is finished and audited, also
// when the browser or the command is gone.
type Lister interface {
	// ByPosition reports how the store lists: false for every state, order and offset;
	// true for live sessions by creation, from a record.Position.
	ByPosition() bool
	// List returns a page of sessions.
	List(context.Context, record.Query) (record.Page, error)
	// Find returns the current session of a handle. Its State is None if there is none,
	// or if it ended so long ago that the store has forgotten it.
	Find(context.Context, record.Handle) (record.Row, error)
	// FindMany is Find for several handles, in their order.
	FindMany(context.Context, []record.Handle) ([]record.Row, error)
	// OfSubject returns the live sessions of a subject, in no order. "" has none.
	OfSubject(ctx context.Context, subject string) ([]record.Row, error)
	// End ends a session. It returns false without an error if there is no live one.
	// Errors: session.ErrFull, session.ErrUnavailable, session.ErrNotDurable.
	End(ctx context.Context, k record.Key, why record.Reason) (bool, error)
	// EndMany ends sessions and returns how many of them were live. After an error the
	// other sessions live on. Errors as End.
	EndMany(ctx context.Context, keys []record.Key, why record.Reason) (ended int, err error)
	// EndAll ends all sessions and returns how many were live. Errors as End.
	EndAll(ctx context.Context, why record.Reason) (ended int, err error)
	// Sweep removes expired sessions from memory, or from the index of a session server,
	// and returns their number. They leave the file after that.
	Sweep(context.Context) (int, error)
	// Sync returns when the file has what was done before. Errors as End.
	Sync(context.Context) error
	// RewriteNext has the next start write the file anew, so that no value of an ended
	// session is left in it; see storage.Storage. Errors: the disk's. Of a session server it
	// does nothing.
	RewriteNext() error
}

// FileSessions is the Lister of sessions in a file.
type FileSessions struct{ *storage.Storage }

// ByPosition returns false.
func (FileSessions) ByPosition() bool { return false }

// List implements Lister.
func (s FileSessions) List(ctx context.Context, q record.Query) (record.Page, error) {
	if err := ctx.Err(); err != nil {
		return record.Page{}, err
	}
	return s.Storage.List(q), nil
}

// Find implements Lister.
func (s FileSessions) Find(_ context.Context, h record.Handle) (record.Row, error) {
	return s.Storage.Find(h), nil
}

// FindMany implements Lister.
func (s FileSessions) FindMany(_ context.Context, handles []record.Handle) ([]record.Row, error) {
	rows := make([]record.Row, len(handles))
	for i, h := range handles {
		rows[i] = s.Storage.Find(h)
	}
	return rows, nil
}

// OfSubject implements Lister.
func (s FileSessions) OfSubject(ctx context.Context, subject string) ([]record.Row, error) {
	return s.Storage.Sessions().OfSubject(ctx, subject)
}

// Sweep implements Lister.
func (s FileSessions) Sweep(context.Context) (int, error) { return s.Storage.Sweep(), nil }

// ServerSessions is the Lister of sessions in Redis.
type ServerSessions struct{ *redis.Store }

// ByPosition returns true.
func (ServerSessions) ByPosition() bool { return true }

// Sync returns nil: what was answered is with Redis.
func (ServerSessions) Sync(context.Context) error { return nil }

// RewriteNext returns nil.
func (ServerSessions) RewriteNext() error { return nil }
