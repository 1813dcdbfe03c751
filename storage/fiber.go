package storage

import (
	"context"
	"errors"
	"time"

	"go.etcd.io/bbolt"

	"pagesession/storage/record"
)

// The methods of fiber.Storage, of Fiber v2 and v3. As with Fiber's own bbolt
// driver, an empty key does nothing, and neither does Set with an empty value.

// Get returns a copy of the value, or nil and no error when the key is not live. It
// extends nothing. Errors: ErrClosed.
func (s *Storage) Get(key string) ([]byte, error) {
	return s.GetWithContext(context.Background(), key)
}

// GetWithContext is Get. When the context is done it returns the context's error.
func (s *Storage) GetWithContext(ctx context.Context, key string) ([]byte, error) {
	if err := s.alive(ctx); err != nil || key == "" {
		return nil, err
	}
	if r := s.Peek(record.KeyOf(key)); r.State == record.Live {
		return []byte(r.Value), nil
	}
	return nil, nil
}

// Set stores a value, under a new key or in place of the value that a live key has.
// The key lives until exp has passed since its last Set or Refresh; exp 0 or less
// means forever. When Set returns nil the value is durable and visible. It copies key
// and value.
//
// A key that was deleted or has expired is stored again. With Config.RefuseEnded it
// gets ErrEnded instead, so that a Save which lost the race against a deletion does
// not bring the session back. Other errors: ErrFull, ErrTooLarge, ErrUnavailable,
// ErrClosed.
func (s *Storage) Set(key string, value []byte, exp time.Duration) error {
	return s.SetWithContext(context.Background(), key, value, exp)
}

// SetWithContext is Set. If the context ends before the writer has taken the change,
// the change is cancelled and gets the context's error. After that, the call waits
// for the outcome, until QueueTimeout or the context's deadline.
func (s *Storage) SetWithContext(ctx context.Context, key string, value []byte, exp time.Duration) error {
	if key == "" || len(value) == 0 {
		return s.alive(ctx)
	}
	set := func() error {
		return s.put(ctx, &change{kind: upsert, key: record.KeyOf(key)}, value, record.Lifetime{Idle: max(0, exp)})
	}
	err := set()
	if errors.Is(err, ErrEnded) && !s.cfg.RefuseEnded {
		return set() // it replaced a value that ran out meanwhile; now there is none
	}
	return err
}

// Delete ends a key with the reason Deleted, as End does. A key that is not live is
// no error.
func (s *Storage) Delete(key string) error {
	return s.DeleteWithContext(context.Background(), key)
}

// DeleteWithContext is Delete with a context, as SetWithContext is Set.
func (s *Storage) DeleteWithContext(ctx context.Context, key string) error {
	if key == "" {
		return s.alive(ctx)
	}
	_, err := s.End(ctx, record.KeyOf(key), record.Deleted)
	return err
}

// Reset ends every key with the reason Deleted, as EndAll does.
func (s *Storage) Reset() error {
	return s.ResetWithContext(context.Background())
}

// ResetWithContext is Reset with a context, as SetWithContext is Set.
func (s *Storage) ResetWithContext(ctx context.Context) error {
	_, err := s.EndAll(ctx, record.Deleted)
	return err
}

// Conn returns the database, for statistics and short read transactions. Do not
// write through it: that breaks the guarantees of this package. While the storage
// has no file that it can write (FileDetached), the database may be closed.
func (s *Storage) Conn() *bbolt.DB {
	if db := s.file().Conn(); db != nil {
		return db
	}
	return &bbolt.DB{} // started without a file
}

// alive returns the context's error or ErrClosed, or nil if work can go on.
func (s *Storage) alive(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.closed.Load() {
		return ErrClosed
	}
	return nil
}
