package storage

import (
	"context"
	"fmt"
	"time"

	"pagesession/storage/internal/planted"
	"pagesession/storage/record"
)

// Sessions is a Storage in the form that package session uses: a session.Store and a
// session.Memoizer. Close the Storage, not Sessions. Its methods are safe for
// concurrent use.
//
// Peek, Refresh and Memoize wait for no disk. A change whose context ends before the
// writer takes the change is not made and gets the context's error. After that, the
// call waits for the outcome, until QueueTimeout or the context's deadline.
type Sessions struct{ storage *Storage }

// Sessions returns the storage as a session.Store.
func (s *Storage) Sessions() Sessions { return Sessions{s} }

// ChangeTimeout returns Config.QueueTimeout.
func (s Sessions) ChangeTimeout() time.Duration { return s.storage.cfg.QueueTimeout }

// Peek is [Storage.Peek]. Its error is always nil, also after Close.
func (s Sessions) Peek(_ context.Context, k record.Key) (record.Record, error) {
	if planted.UnknownServed {
		return s.storage.peekAny(k), nil
	}
	return s.storage.Peek(k), nil
}

// Refresh is [Storage.Refresh]. Its error is always nil, also after Close.
func (s Sessions) Refresh(_ context.Context, k record.Key) (record.Record, error) {
	return s.storage.Refresh(k), nil
}

// Memoize is [Storage.Memoize].
func (s Sessions) Memoize(k record.Key, version uint64, memo any) {
	s.storage.Memoize(k, version, memo)
}

// Create is [Storage.Create] with a subject, and returns the session as it is then.
// It, Replace and Rotate return ErrTooLarge when the subject is longer than
// record.MaxSubject.
func (s Sessions) Create(ctx context.Context, k record.Key, c record.Content, absolute time.Duration) (record.Record, error) {
	return s.change(ctx, k, &change{kind: create, key: k}, c, absolute)
}

// Replace is [Storage.Replace], also of the subject. version is the Version of the
// Record that the change was made from; if the session has another one, Replace
// returns record.ErrConflict. Version 0 stands for any.
func (s Sessions) Replace(ctx context.Context, k record.Key, version uint64, c record.Content) (record.Record, error) {
	return s.change(ctx, k, &change{kind: replace, key: k, version: version}, c, 0)
}

// Rotate is [Storage.Rotate] with the additions of Replace. It returns the session
// under its new key.
func (s Sessions) Rotate(ctx context.Context, from, to record.Key, version uint64, c record.Content) (record.Record, error) {
	return s.change(ctx, to, &change{kind: rotate, key: from, to: to, version: version}, c, 0)
}

// End is [Storage.End].
func (s Sessions) End(ctx context.Context, k record.Key, why record.Reason) (bool, error) {
	return s.storage.End(ctx, k, why)
}

// change submits c with its content and returns what k has after it.
func (s Sessions) change(ctx context.Context, k record.Key, c *change, content record.Content, absolute time.Duration) (record.Record, error) {
	if len(content.Subject) > record.MaxSubject {
		return record.Record{}, fmt.Errorf("%w: the subject has %d bytes, at most %d are allowed", ErrTooLarge, len(content.Subject), record.MaxSubject)
	}
	c.subject = &content.Subject
	if err := s.storage.put(ctx, c, content.Value, record.Lifetime{Idle: content.Idle, Absolute: absolute}); err != nil {
		return record.Record{}, err
	}
	return s.storage.Peek(k), nil
}
