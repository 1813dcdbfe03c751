package storage

import (
	"context"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/storage/record"
)

// The methods of fiber.Storage, of Fiber v2 and v3. Like the stock driver they
// ignore an empty key, and Set ignores an empty value.

// Get returns a copy of the value, or nil, nil when the key is not live. It
// does not refresh. Errors: ErrClosed.
func (s *Storage) Get(key string) ([]byte, error) {
	return s.GetWithContext(context.Background(), key)
}

// GetWithContext is Get; it fails when the context is done.
func (s *Storage) GetWithContext(ctx context.Context, key string) ([]byte, error) {
	if err := s.alive(ctx); err != nil || key == "" {
		return nil, err
	}
	if r := s.Peek(record.KeyOf(key)); r.State == record.Live {
		return clone(r.Value), nil
	}
	return nil, nil
}

// Set stores a value that lives until exp has passed since the last Set or
// Refresh; exp 0 means forever. When it returns nil the value is durable and
// visible. key and value are copied. A key that was deleted or has expired is
// refused with ErrEnded: a Save that lost the race against a deletion must not
// bring the session back. Other errors: those of Create.
func (s *Storage) Set(key string, value []byte, exp time.Duration) error {
	return s.SetWithContext(context.Background(), key, value, exp)
}

// SetWithContext is Set. A context that is done before the writer took the
// change up cancels it; after that the answer is awaited.
func (s *Storage) SetWithContext(ctx context.Context, key string, value []byte, exp time.Duration) error {
	if key == "" || len(value) == 0 {
		return s.alive(ctx)
	}
	return s.put(ctx, &change{kind: upsert, key: record.KeyOf(key)}, value, record.Lifetime{Idle: exp})
}

// Delete ends a key with the reason Deleted, see End. A key that is not live
// is no error.
func (s *Storage) Delete(key string) error {
	return s.DeleteWithContext(context.Background(), key)
}

// DeleteWithContext is Delete with a context, see SetWithContext.
func (s *Storage) DeleteWithContext(ctx context.Context, key string) error {
	if key == "" {
		return s.alive(ctx)
	}
	_, err := s.end(ctx, record.KeyOf(key), record.Deleted)
	return err
}

// Reset ends every key with the reason Deleted. When it returns nil that is
// durable.
func (s *Storage) Reset() error {
	return s.ResetWithContext(context.Background())
}

// ResetWithContext is Reset with a context, see SetWithContext.
func (s *Storage) ResetWithContext(ctx context.Context) error {
	_, err := s.endAll(ctx, record.Deleted)
	return err
}

// Conn returns the database. It is there for statistics and for reading in
// short transactions; writing through it breaks what this package promises.
func (s *Storage) Conn() *bbolt.DB { return s.file.Conn() }

// alive reports why nothing can be done: the context or Close.
func (s *Storage) alive(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.closed.Load() {
		return ErrClosed
	}
	return nil
}
