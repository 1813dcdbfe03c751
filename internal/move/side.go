package move

import (
	"context"

	"pagesession/session"
	"pagesession/storage"
	"pagesession/storage/record"
)

// A Side is a store that sessions can move from and to. redis.Store is one.
type Side interface {
	session.Store
	session.Memoizer
	session.Watcher
	session.Limiter

	EndMany(ctx context.Context, keys []record.Key, why record.Reason) (int, error)
	EndAll(ctx context.Context, why record.Reason) (int, error)
	FindMany(ctx context.Context, handles []record.Handle) ([]record.Row, error)
	// Count returns the number of sessions, with some that have timed out.
	Count(ctx context.Context) (int, error)

	// Handles calls found with the handles of all live sessions.
	Handles(ctx context.Context, found func([]record.Handle) error) error
	// Adopt takes sessions over as they are. Errors, one for each: record.ErrEnded when the
	// session has ended here, and those of Create.
	Adopt(ctx context.Context, rows []record.Row) []error
	// Disown removes sessions that another store has, without an end. Errors, one for each;
	// nil: no live session is left under the key, durably.
	Disown(ctx context.Context, keys []record.Key) []error
	// Mark returns what SetMark has noted; the zero Move for nothing.
	Mark(ctx context.Context) (record.Move, error)
	// SetMark notes durably what is said of a move.
	SetMark(ctx context.Context, m record.Move) error
	Close() error
}

// A File is the Side of a session file. Close the Side, not the Storage.
type File struct {
	storage.Sessions
	Storage *storage.Storage
}

// FileOf returns the Side of a Storage.
func FileOf(s *storage.Storage) File { return File{s.Sessions(), s} }

// EndMany is Storage.EndMany.
func (f File) EndMany(ctx context.Context, keys []record.Key, why record.Reason) (int, error) {
	return f.Storage.EndMany(ctx, keys, why)
}

// EndAll is Storage.EndAll.
func (f File) EndAll(ctx context.Context, why record.Reason) (int, error) {
	return f.Storage.EndAll(ctx, why)
}

// FindMany is Storage.Find for several handles. Its error is always nil.
func (f File) FindMany(_ context.Context, handles []record.Handle) ([]record.Row, error) {
	rows := make([]record.Row, len(handles))
	for i, h := range handles {
		rows[i] = f.Storage.Find(h)
	}
	return rows, nil
}

// Count returns the number of sessions in memory. Its error is always nil.
func (f File) Count(context.Context) (int, error) { return int(f.Storage.Stats().Sessions), nil }

// Handles is Storage.Handles.
func (f File) Handles(ctx context.Context, found func([]record.Handle) error) error {
	return f.Storage.Handles(ctx, found)
}

// Adopt is Storage.Adopt.
func (f File) Adopt(ctx context.Context, rows []record.Row) []error {
	return f.Storage.Adopt(ctx, rows)
}

// Disown is Storage.Disown.
func (f File) Disown(ctx context.Context, keys []record.Key) []error {
	return f.Storage.Disown(ctx, keys)
}

// Mark is Storage.Mark. Its error is always nil.
func (f File) Mark(context.Context) (record.Move, error) { return f.Storage.Mark(), nil }

// SetMark is Storage.SetMark.
func (f File) SetMark(ctx context.Context, m record.Move) error { return f.Storage.SetMark(ctx, m) }

// Close is Storage.Close.
func (f File) Close() error { return f.Storage.Close() }
