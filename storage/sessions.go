package storage

import (
	"context"
	"fmt"
	"time"

	"pagesession/storage/record"
)

// Sessions is a Storage as a session.Store and session.Memoizer. It has nothing
// to close: close the Storage. Its methods are safe for concurrent use.
//
// Peek, Refresh and Memoize never wait. A change whose context is done before
// the writer takes it is not made; after that, the call waits for its outcome.
type Sessions struct{ storage *Storage }

// Sessions returns the storage as a store for package session.
func (s *Storage) Sessions() Sessions { return Sessions{s} }

// Peek is [Storage.Peek]. It never fails, not even after Close.
func (s Sessions) Peek(_ context.Context, k record.Key) (record.Record, error) {
	return s.storage.Peek(k), nil
}

// Refresh is [Storage.Refresh]. It never fails, not even after Close.
func (s Sessions) Refresh(_ context.Context, k record.Key) (record.Record, error) {
	return s.storage.Refresh(k), nil
}

// Memoize is [Storage.Memoize].
func (s Sessions) Memoize(k record.Key, version uint64, memo any) {
	s.storage.Memoize(k, version, memo)
}

// Create is [Storage.Create] with a subject. ErrTooLarge when that is longer than
// record.MaxSubject; Replace and Rotate, too.
func (s Sessions) Create(ctx context.Context, k record.Key, c record.Content, absolute time.Duration) (record.Record, error) {
	return s.change(ctx, k, &change{kind: create, key: k}, c, absolute)
}

// Replace is [Storage.Replace] of the given version.
func (s Sessions) Replace(ctx context.Context, k record.Key, version uint64, c record.Content) (record.Record, error) {
	return s.change(ctx, k, &change{kind: replace, key: k, version: version}, c, 0)
}

// Rotate is [Storage.Rotate] of the given version.
func (s Sessions) Rotate(ctx context.Context, from, to record.Key, version uint64, c record.Content) (record.Record, error) {
	return s.change(ctx, to, &change{kind: rotate, key: from, to: to, version: version}, c, 0)
}

// End is [Storage.End].
func (s Sessions) End(ctx context.Context, k record.Key, why record.Reason) (bool, error) {
	return s.storage.end(ctx, k, why)
}

// change submits c with its content and returns what k holds after it.
func (s Sessions) change(ctx context.Context, k record.Key, c *change, content record.Content, absolute time.Duration) (record.Record, error) {
	if len(content.Subject) > record.MaxSubject {
		return record.Record{}, fmt.Errorf("%w: a subject of %d bytes, at most %d", ErrTooLarge, len(content.Subject), record.MaxSubject)
	}
	c.subject = &content.Subject
	if err := s.storage.put(ctx, c, content.Value, record.Lifetime{Idle: content.Idle, Absolute: absolute}); err != nil {
		return record.Record{}, err
	}
	return s.storage.Peek(k), nil
}
